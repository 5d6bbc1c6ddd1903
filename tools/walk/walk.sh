#!/usr/bin/env bash
# The main job, walked through the real network interfaces with tools that are not ours: curl as
# the engineer's browser, oathtool as everybody's authenticator app, jq to read answers. The
# administrator and the approver use the sallyport command line.
#
#   walk.sh SALLYPORT DEMO_DIR PUMP_HTTP_PORT
#
# Exits with the number of steps that failed. Leaves demo-data/people.txt: how to sign in.
set -uo pipefail

sallyport=$1
demo=$(cd "$2" && pwd)
pump_port=$3
pump_profile=$(dirname "${BASH_SOURCE[0]}")/../../examples/pump/profile.json
origin=$(sed -n 's/^Address: //p' "$demo/serve.out" | head -n 1)
port=${origin##*:}
device_origin=https://pump-07.gate.localhost:$port
ca=$demo/tls/demo-ca.pem
jar=$demo/walk
mkdir -p "$jar"
chmod 700 "$jar"
failed=0
number=0

step() { # title, what it proves
    number=$((number + 1))
    printf '\n%2d. %s\n' "$number" "$1"
    printf '    proves: %s\n' "$2"
}

right() { printf '    ok: %s\n' "$1"; }

wrong() {
    printf '    FAILED: %s\n' "$1"
    failed=$((failed + 1))
}

check() { # what was expected, then the test's words
    local expected=$1
    shift
    if "$@" >"$jar/said" 2>"$jar/complained"; then
        right "$expected"
    else
        wrong "$expected"
        sed 's/^/      /' "$jar/complained" | head -n 4
    fi
}

browser() { # a person's browser: own cookie jar, no redirects unless asked
    local person=$1
    shift
    curl -sS --cacert "$ca" --max-time 20 -b "$jar/$person.cookies" -c "$jar/$person.cookies" \
        --resolve "sallyport.localhost:$port:127.0.0.1" \
        --resolve "pump-07.gate.localhost:$port:127.0.0.1" "$@"
}

# What a browser's script does, by openssl (docs/protocols/handoff.md): a key for the sign-in, and a
# signature with it between the link to a device and the device.
base64url() { base64 -w0 | tr '+/' '-_' | tr -d '='; }

sender_key() { # person
    (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$jar/$1.key" 2>/dev/null)
    openssl pkey -in "$jar/$1.key" -pubout -outform DER | base64url
}

statement() { # parts
    local part
    for part in "$@"; do
        printf "$(printf '%08x' "${#part}" | sed 's/../\\x&/g')%s" "$part"
    done
}

signed_by() { # person; the statement on standard input. openssl writes DER, a browser r and s
    local numbers
    numbers=$(openssl dgst -sha256 -sign "$jar/$1.key" | openssl asn1parse -inform DER |
        sed -n 's/.*INTEGER *://p')
    # shellcheck disable=SC2046,SC2086,SC2059
    printf "$(printf '%64s' $numbers | tr ' ' 0 | sed 's/../\\x&/g')" | base64url
}

open_device() { # person
    local person=$1 query offered signature address
    query=$(browser "$person" -o /dev/null -w '%{redirect_url}' -H 'accept: text/html' "$device_origin/")
    query=${query#*\?}
    offered=$(browser "$person" -H 'accept: application/json' "$origin/handoff?$query")
    signature=$(statement 'sallyport handoff v1' "$(jq -r .challenge <<<"$offered")" \
        "$(jq -r .host <<<"$offered")" "$(jq -r .nonce <<<"$offered")" "$origin" | signed_by "$person")
    address=$(jq -c --arg signature "$signature" '{challenge, $signature}' <<<"$offered" |
        browser "$person" -H "Origin: $origin" -H 'content-type: application/json' \
            -H "X-Sallyport-CSRF: $csrf" -d @- "$origin/api/handoff?$query" | jq -r .address)
    browser "$person" -L "$address"
}

# An authenticator's next unused code. A step is good once, so a second code in the same 30 seconds
# is the next step's, which the server's window of one step allows.
code_of() { # person
    local person=$1 seed last now
    seed=$(cat "$jar/$person.seed")
    last=$(cat "$jar/$person.step" 2>/dev/null || echo 0)
    now=$(($(date +%s) / 30))
    [[ $now -le $last ]] && now=$((last + 1))
    echo "$now" >"$jar/$person.step"
    oathtool --totp -b "$seed" --now "@$((now * 30))"
}

cli() { # person, then a sallyport command; a code is ready on standard input for a step-up
    local person=$1
    shift
    SALLYPORT_SESSION=$jar/$person.session "$sallyport" "$@"
}

# Enrols at the terminal, answering the prompts as they come.
enrol() { # person, passphrase, "first" or "ticket", code, display name
    local person=$1 passphrase=$2 kind=$3 code=$4 display=$5 line seed='' flag=--enrol
    [[ $kind == first ]] && flag=--first-start
    coproc TERMINAL {
        SALLYPORT_SESSION=$jar/$person.session stdbuf -oL "$sallyport" login "$flag" \
            --server "$origin" --ca "$ca" 2>"$jar/$person.terminal"
    }
    local in=${TERMINAL[1]} out=${TERMINAL[0]} pid=$TERMINAL_PID
    printf '%s\n' "$code" >&"$in"
    [[ $kind == first ]] && printf '%s\n%s\n' "$display" "$person" >&"$in"
    printf '%s\n' "$passphrase" >&"$in"
    while IFS= read -r line <&"$out"; do
        if [[ $line == *otpauth://* ]]; then
            seed=$(sed -n 's/.*[?&]secret=\([A-Z2-7]*\).*/\1/p' <<<"$line")
            (umask 077 && echo "$seed" >"$jar/$person.seed")
            printf '%s\n' "$(code_of "$person")" >&"$in"
        fi
        [[ $line == Signed\ in* ]] && break
    done
    wait "$pid"
    [[ -n $seed && -s $jar/$person.session ]]
}

echo "Sallyport's main job, on $origin"

step "First start makes no account" \
    "no default password exists: whoever reads the terminal becomes the first administrator (S0-13)"
code=$(sed -n 's/^One-time code: //p' "$demo/serve.out" | head -n 1)
check "the terminal showed a one-time code" test -n "$code"
check "anna enrolled at the terminal with passphrase and authenticator app" \
    enrol anna "four lamps over the harbour" first "$code" "Anna Admin"
check "the code is used up" \
    test "$(browser nobody -o /dev/null -w '%{http_code}' -H 'content-type: application/json' \
        -d "{\"code\":\"$code\",\"login_name\":\"eve\",\"display_name\":\"Eve\"}" \
        "$origin/api/setup")" != 200

# How she knows who they are: without such a record nobody gets a ticket.
proofed=(--identity in_person --evidence "identity card")

step "The administrator creates people and registers the pump" \
    "three people share the work; nobody but its owner ever sees a factor, nobody at all the pump's password"
erik_ticket=$(cli anna user create erik --role engineer --display-name "Erik Engineer" "${proofed[@]}" --json | jq -r .ticket.code)
paula_ticket=$(cli anna user create paula --role approver --display-name "Paula Approver" "${proofed[@]}" --json | jq -r .ticket.code)
check "an engineer and an approver each have an enrolment ticket" \
    test -n "$erik_ticket" -a -n "$paula_ticket" -a "$erik_ticket" != null
check "the pump is registered" \
    cli anna device register pump-07 --serial SN-0007 --address 127.0.0.1 --port "$pump_port" --archetype A2 \
        --ephi none --ward "ICU 2" --profile "$pump_profile"
check "its service credential is in the vault, read from standard input" \
    cli anna device set-credential pump-07 --user-name service \
    <"$demo/pump-password"
check "no answer shows it again" \
    bash -c "! SALLYPORT_SESSION='$jar/anna.session' '$sallyport' vault list --json | grep -qF \"\$(cat '$demo/pump-password')\""

step "Each person enrols alone" "single-use tickets; the code that finished enrolment was the proof"
check "erik enrolled" enrol erik "seven grey geese went south" ticket "$erik_ticket" ""
check "paula enrolled" enrol paula "a bell rings under water" ticket "$paula_ticket" ""

step "The engineer asks for access, and can't give it to himself" \
    "an approved grant by another person is the only way in (L-02)"
from=$(date -u -d '-0 minutes' +%Y-%m-%dT%H:%M:%SZ)
until=$(date -u -d '+60 minutes' +%Y-%m-%dT%H:%M:%SZ)
grant=$(cli erik grant request --device pump-07 --purpose "Quarterly check of the rate sensor" \
    --ticket CHG-1042 --from "$from" --until "$until" --json | jq -r .id)
check "the request is on record" test -n "$grant" -a "$grant" != null
check "erik can't approve it" bash -c "! SALLYPORT_SESSION='$jar/erik.session' '$sallyport' grant approve '$grant' </dev/null 2>/dev/null"
check "anna, who created erik's account, can't either" \
    bash -c "! SALLYPORT_SESSION='$jar/anna.session' '$sallyport' grant approve '$grant' </dev/null 2>/dev/null"

step "Without a session nothing reaches the pump" "zero bytes before the second factor (S1-59)"
before=$(cat "$demo"/pump-bytes* 2>/dev/null | wc -c)
answer=$(browser stranger -o /dev/null -w '%{http_code}' "$device_origin/")
after=$(cat "$demo"/pump-bytes* 2>/dev/null | wc -c)
check "a stranger is sent to the sign-in page" test "$answer" = 303
check "the pump received nothing" test "$before" = "$after"

step "The approver approves" "another person, with a fresh factor, under the change ticket"
check "paula approved" cli paula grant approve "$grant" --reason "Planned work"

step "The engineer signs in with both factors in a browser" \
    "passphrase and one-time code; __Host- cookies; one message for every mistake"
form=$(browser erik "$origin/sign-in" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
browser erik -o /dev/null -H "Origin: $origin" --data-urlencode "csrf=$form" \
    --data-urlencode login_name=erik --data-urlencode "passphrase=seven grey geese went south" \
    "$origin/api/sign-in"
answer=$(browser erik -o /dev/null -w '%{http_code}' -H "Origin: $origin" -H 'accept: text/html' \
    --data-urlencode "csrf=$form" --data-urlencode "code=$(code_of erik)" \
    --data-urlencode "sender_key=$(sender_key erik)" "$origin/api/sign-in/code")
check "erik is signed in" test "$answer" = 303
home=$(browser erik -H 'accept: text/html' "$origin/")
check "one page lists the pump" grep -q 'pump-07' <<<"$home"
csrf=$(browser erik -H 'accept: application/json' "$origin/api/session" | jq -r .csrf)
check "he accepts that the visit is recorded" \
    test "$(browser erik -o /dev/null -w '%{http_code}' -H "Origin: $origin" -H 'content-type: application/json' \
        -H "X-Sallyport-CSRF: $csrf" -d '{}' "$origin/api/notice")" = 200

step "A copied cookie opens nothing" \
    "a device is opened with a key that erik's browser made at sign-in and can't give away (S2-23)"
before=$(cat "$demo"/pump-bytes* 2>/dev/null | wc -c)
cp "$jar/erik.cookies" "$jar/thief.cookies"
sender_key thief >/dev/null
check "the thief's browser is signed in as erik" \
    test "$(browser thief -H 'accept: application/json' "$origin/api/session" | jq -r .login_name)" = erik
check "and gets no page of the pump's" test -z "$(open_device thief 2>/dev/null)"
after=$(cat "$demo"/pump-bytes* 2>/dev/null | wc -c)
check "which received nothing" test "$before" = "$after"

step "He works on the pump's own web page, through Sallyport" \
    "the pump is untouched and knows nothing of it; Sallyport lends the password to the connection"
page=$(open_device erik)
check "the pump's page came" grep -qi 'infusion' <<<"$page"
state=$(browser erik "$device_origin/infusion")
check "an answer that needs the service password came" grep -qi 'rate' <<<"$state"
echo_page=$(browser erik -H 'Authorization: Basic ZXJpazptaW5l' "$device_origin/debug")
password=$(cat "$demo/pump-password")
check "what the pump echoes of the password is masked" \
    bash -c "! grep -qF '$password' <<<'$echo_page' && ! grep -qF '$(printf 'service:%s' "$password" | base64)' <<<'$echo_page'"
check "firmware is refused: the grant does not name it" \
    test "$(browser erik -o /dev/null -w '%{http_code}' --data-binary 'x' "$device_origin/firmware")" = 403

step "Nobody changes a pump that treats a patient" \
    "Sallyport reads the pump's own state before each change; the reading is part of the recording (S2-44)"
check "while it stands still, the engineer may start it for his test" \
    test "$(browser erik -o /dev/null -w '%{http_code}' -d 'action=start' "$device_origin/infusion")" = 200
answer=$(browser erik -w '%{http_code}' -d 'rate_ml_h=999' "$device_origin/infusion")
check "while it infuses, a new rate is refused" grep -q '409$' <<<"$answer"
check "and the pump was told nothing of it" \
    bash -c "! cat '$demo'/pump-bytes* | grep -qF 'rate_ml_h=999'"

step "Revoking the grant cuts the visit" "nothing outlives its permission"
check "paula revoked it" cli paula grant revoke "$grant" --reason "Work finished"
answer=000
for _ in $(seq 50); do
    answer=$(browser erik -o /dev/null -w '%{http_code}' "$device_origin/infusion")
    [[ $answer == 403 ]] && break
done
check "the pump is out of reach again" test "$answer" = 403

step "Everything is on record" "the recording opens in any browser's developer tools; the log proves itself"
# The auditor is a person of its own: who administers does not read recordings.
ticket=$(cli anna user create otto --role auditor --display-name "Otto Auditor" "${proofed[@]}" --json | jq -r .ticket.code)
check "an auditor enrolled" enrol otto "the ferry leaves without us" ticket "$ticket" ""
recording=$(cli otto recording list --json | jq -r '.[0].id')
check "the visit is listed" test -n "$recording" -a "$recording" != null
rm -f "$demo/visit.har"
check "it exports as HAR" cli otto recording export "$recording" --format har --reason "Walk" -o "$demo/visit.har"
check "the HAR shows the requests" \
    test "$(jq '[.log.entries[].request.url | select(contains("/infusion"))] | length' "$demo/visit.har")" -ge 1
check "the HAR does not show the password" bash -c "! grep -qF '$password' '$demo/visit.har'"
check "the audit log verifies offline, from its files alone" \
    "$sallyport" audit verify --log "$demo/data/log" --anchors "$demo/anchors"
sed 's/^/    /' "$jar/said" | head -n 8

{
    echo "Address: $origin"
    for person in anna erik paula otto; do
        case $person in
            anna) who='administrator' phrase='four lamps over the harbour' ;;
            erik) who='engineer' phrase='seven grey geese went south' ;;
            paula) who='approver' phrase='a bell rings under water' ;;
            otto) who='auditor' phrase='the ferry leaves without us' ;;
        esac
        [[ -s $jar/$person.seed ]] || continue
        printf '%-14s name %-6s passphrase "%s"  code: oathtool --totp -b %s\n' \
            "$who" "$person" "$phrase" "$(cat "$jar/$person.seed")"
    done
} >"$demo/people.txt"
chmod 600 "$demo/people.txt"

printf '\n%d steps, %d checks failed\n' "$number" "$failed"
exit "$failed"
