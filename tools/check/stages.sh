# The stages of ./check. Sourced there; uses its say, must, build and note.

lints() {
    say "Lints"
    must lint "every include points down src/ROOMS" python3 tools/lint/rooms.py
    must lint "the sources are formatted" formatted
    must lint "what people read while they sign in is there in German" python3 tools/lint/german.py
    must lint "no co_await shares its statement with what it would free twice" co_await_statements
    must lint "the compiler keeps the lifetimes of everyday coroutines" coroutine_gate
}

formatted() { our_sources | xargs -P2 -n40 clang-format-19 --dry-run -Werror; }

# Only files that say co_await; slow ones are kept to what changed lately unless the run is full.
co_await_statements() {
    local file found=0 since=HEAD~10
    mkdir -p build/dev
    cmake --preset dev >build/dev-configure.log 2>&1 || return 1
    [[ $mode == quick ]] && since=HEAD~1
    local files
    files=$(git grep -l 'co_await' -- 'src/*.cpp')
    # (A shallow clone has no commit to compare with: there, all of them.)
    if [[ $mode != full ]] && git rev-parse -q --verify "$since" >/dev/null; then
        files=$(git diff --name-only --diff-filter=d "$since" -- $files | head -n 12)
    fi
    for file in $files; do
        if clang-query-19 -p build/dev -f tools/lint/co_await.query "$file" 2>/dev/null |
            grep -E "^$root/src/.*(built_beside_co_await|ternary_beside_co_await|inside_braces)"; then
            found=1
        fi
    done
    return $found
}

coroutine_gate() {
    local case
    mkdir -p build
    clang++-19 -std=c++23 -O1 -g -fsanitize=address tests/compiler/coroutine_lifetimes.cpp \
        -o build/coroutine_lifetimes || return 1
    for case in $(seq 0 "$(build/coroutine_lifetimes count)"); do
        build/coroutine_lifetimes "$case" || return 1
    done
}

# The build has fetched its packages (cmake/Ui.cmake).
ui_tests() {
    say "The pages of ui/"
    must ui "ui/ keeps to its types and to docs/openapi.yaml" npm --prefix ui run --silent check
    must ui "the units of ui/ do what they say" npm --prefix ui test --silent
}

start_postgres() {
    say "A private PostgreSQL cluster"
    export SALLYPORT_TEST_PG_SOCKET_DIR
    SALLYPORT_TEST_PG_SOCKET_DIR=$(bash tests/support/pg_cluster.sh start "$root/build/pg") ||
        { note setup "a private PostgreSQL cluster starts" failed; unset SALLYPORT_TEST_PG_SOCKET_DIR; }
}

stop_postgres() { bash tests/support/pg_cluster.sh stop "$root/build/pg" >/dev/null 2>&1 || true; }

unit_tests() { # preset, label
    say "Tests ($2)"
    python3 tools/check/run_unit_tests.py "build/$1" "$2" "$results"
    to_their_end "$2" $?
}

# Tests that drive the built programs over the network, with strangers: Chromium, curl, oathtool. Each
# file is a run of its own, so that one that hangs takes no other's result with it; `lanes` of them run
# at once, and each is printed when it has ended.
node_tests() { # lanes, preset, label, files…
    local lanes=$1 preset=$2 label=$3 file part failed=0
    shift 3
    must "setup-$label" "the test runner's packages are there" npm_packages || return 1
    export root results
    printf '%s\0' "$@" | xargs -0 -P "$lanes" -I TEST_FILE \
        bash -c 'node_file "$@"' node_file "$preset" "$label" "$(node_seconds)" TEST_FILE
    for file in "$@"; do
        part=$label-$(basename "$file" .test.mjs)
        to_their_end "$part" "$(cat "$results/$part.exit" 2>/dev/null || echo 1)" || failed=1
    done
    return $failed
}

node_file() { # preset, label, seconds, file
    local part
    part=$2-$(basename "$4" .test.mjs)
    RESULTS_FILE=$results/$part.json SALLYPORT_BUILD=$root/build/$1 \
        timeout --kill-after=10 "$3" node --test \
        --test-reporter="$root/tools/check/node_reporter.mjs" "$4" >"$results/$part.log" 2>&1
    echo $? >"$results/$part.exit"
    flock "$results" cat "$results/$part.log"
}
export -f node_file

# 200 kills take longer than 20.
node_seconds() { if [[ $mode == full ]]; then echo 2400; else echo 600; fi; }

# A runner that fails without a failed test in its results (killed for its time, no results at all)
# would otherwise pass unseen.
to_their_end() { # label, exit code
    local failed=no
    [[ -f $results/$1.json ]] && grep -q '"result": *"failed"' "$results/$1.json" && failed=yes
    if (($2 == 0)) && [[ -f $results/$1.json ]]; then return 0; fi
    [[ $failed == yes ]] || { note "end-$1" "the $1 tests run to their end (exit code $2)" failed
        echo "FAILED: the $1 tests did not run to their end (exit code $2)"; }
    return 1
}

npm_packages() {
    [[ -d tests/e2e/node_modules/playwright-core && -d tests/e2e/node_modules/axe-core ]] ||
        (cd tests/e2e && npm install --no-audit --no-fund --silent)
}

# Browsers mostly wait, so two files run at once; those that hold the product to a time run alone, and
# never instrumented.
browser_test_files() { printf '%s\n' tests/e2e/*.test.mjs | grep -v _speed_; }

browser_tests() {
    say "Browser and network tests"
    node_tests 2 dev e2e $(browser_test_files)
    node_tests 1 dev e2e tests/e2e/*_speed_*.test.mjs
}

# Scanners that are not ours, against the served ports.
scan_tests() {
    say "Scans"
    node_tests 1 dev testssl tests/scan/*.test.mjs
}

attack_tests() {
    ls tests/attack/*.test.mjs >/dev/null 2>&1 || return 0
    say "Attack tests"
    local TEST_KILLS=20
    [[ $mode == full ]] && TEST_KILLS=200
    export TEST_KILLS
    node_tests 1 dev attack tests/attack/*.test.mjs
}

integration_tests() {
    say "The walk"
    must walk "the main job is walked end to end" walk_once dev
    must walk "nothing of the walk keeps running" nothing_runs dev
    [[ -z ${SALLYPORT_TEST_PG_SOCKET_DIR:-} ]] ||
        must walk "the main job is walked end to end on PostgreSQL 15" walk_on_postgres dev
    must scan "S0-10: no secret is in the repository or in the binary" \
        python3 tools/lint/secret_scan.py build/dev/src/apps/sallyport/sallyport
}

# Verifiers written from docs/protocols alone, on what the walk left.
stranger_tests() {
    say "A stranger verifies the walk"
    SALLYPORT_DEMO=$root/build/demo-data SALLYPORT_BUILD=$root/build/dev \
        python3 tools/check/run_python_tests.py tests/integration/stranger_test.py stranger "$results"
    to_their_end stranger $?
}

docs_tests() {
    say "What the documents name"
    SALLYPORT_BUILD=$root/build/dev \
        python3 tools/check/run_python_tests.py tests/integration/docs_test.py docs "$results"
    to_their_end docs $?
}

first_steps_tests() {
    say "A clean clone without root"
    python3 tools/check/run_python_tests.py tests/integration/first_steps_test.py first_steps "$results"
    to_their_end first_steps $?
}

package_tests() { # preset: ./check packs what it has built, ./check --release the release
    say "The Debian package ($1)"
    SALLYPORT_BUILD=$root/build/$1 \
        python3 tools/check/run_python_tests.py tests/integration/package_test.py "package-$1" "$results"
    to_their_end "package-$1" $?
}

release_tests() {
    say "Build (release)"
    must build "the tree builds in release" build release || return 1
    must walk "the main job is walked end to end in release" walk_once release
    package_tests release
}

# The same walk with the server's own role on PostgreSQL, which can't change an audit row.
walk_on_postgres() { # preset
    local store=$root/build/walk-store.toml
    tests/support/pg_database.sh "$SALLYPORT_TEST_PG_SOCKET_DIR" walk >"$store" || return 1
    DEMO_STORE=$store DEMO_DIR=$root/build/demo-data-postgres SALLYPORT_BUILD=$root/build/$1 \
        tools/walk/stand.sh --script
}

walk_once() { # preset
    DEMO_DIR=$root/build/demo-data SALLYPORT_BUILD=$root/build/$1 tools/walk/stand.sh --script
}

nothing_runs() { # preset
    ! pgrep -af "^$root/build/$1/(src/apps/sallyport/sallyport|examples/pump/pump) "
}

# The built programs once more under a sanitizer: whatever it finds ends the server, and every test
# looks at how its server ended.
sanitized_programs() { # preset, what it is called
    say "The walk, browser and network tests ($2)"
    must "walk-$1" "the main job is walked end to end under $2" walk_once "$1"
    [[ -z ${SALLYPORT_TEST_PG_SOCKET_DIR:-} ]] ||
        must "walk-$1" "the main job is walked end to end on PostgreSQL 15 under $2" walk_on_postgres "$1"
    node_tests 2 "$1" "e2e-$1" $(browser_test_files)
}

# One target, beside others: what it says goes into a file, whether it found nothing is another.
fuzz_one() { # target, seconds
    local name
    name=$(basename "$1")
    mkdir -p "build/corpus/$name"
    if "$1" -max_total_time="$2" -print_final_stats=0 -print_funcs=0 -verbosity=0 \
        -artifact_prefix="build/asan/" "build/corpus/$name" \
        $(ls -d "tests/fuzz/corpus/$name" 2>/dev/null) >"build/fuzz/$name.log" 2>&1; then
        touch "build/fuzz/$name.ok"
        echo "  ok     $name"
    else
        echo "  FAILED $name"
    fi
}
export -f fuzz_one

fuzz() {
    say "Fuzzing, $fuzz_seconds s a target"
    must build "the fuzz targets build" build asan || return 1
    rm -rf build/fuzz && mkdir -p build/fuzz
    printf '%s\0' build/asan/tests/*_fuzz |
        xargs -0 -P "$(nproc)" -I TARGET bash -c 'fuzz_one "$@"' fuzz_one TARGET "$fuzz_seconds"
    local target name
    for target in build/asan/tests/*_fuzz; do
        name=$(basename "$target")
        must fuzz "$name finds nothing in $fuzz_seconds s" test -e "build/fuzz/$name.ok" ||
            tail -n 60 "build/fuzz/$name.log"
    done
}

tidy() {
    say "clang-tidy on every file"
    must build "the tree builds without a warning" build dev || return 1
    must tidy "clang-tidy is clean" python3 tools/lint/tidy.py build/dev
}

# Each prints what it measured, its peer in the same run, and "met" or "missed" for each target; a
# missed target fails nothing, since the machine may be busy. docs/performance.md keeps the numbers.
bench() {
    say "Benchmarks"
    must build "the benchmarks build" build bench benchmarks || return 1
    PG_CLUSTER_ON=disk start_postgres
    local target
    for target in build/bench/bench/*_bench; do
        echo "-- $(basename "$target")"
        must bench "$(basename "$target") runs" "$target"
    done
    stop_postgres
    echo "-- the house: binary, memory, start"
    must bench "the house is measured" node bench/house/run.mjs
    echo "-- the ward: unlocks with badges, sign-ins, memory while many sign in"
    must bench "the ward is measured" node bench/ward/run.mjs
    echo "-- the gateway beside nginx and HAProxy"
    must bench "the gateway is measured beside its peers" node bench/gateway/run.mjs
}
