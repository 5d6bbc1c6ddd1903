# Sourced by ./run and ./check. ensure_packages LIST... installs what is missing in one apt call and
# says which; without root or sudo it says what to install and how.

ensure_packages() {
    local missing=() name list
    for list in "$@"; do
        while read -r name; do
            [[ -z $name || $name == \#* ]] && continue
            # A program brought by other means (a newer Node, say) serves as well as the package.
            case $name in
                nodejs) command -v node >/dev/null && continue ;;
                npm) command -v npm >/dev/null && continue ;;
            esac
            dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok installed' ||
                missing+=("$name")
        done <"$root/tools/setup/packages-$list.txt"
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0

    local as_root=()
    if [[ $EUID -ne 0 ]]; then
        # Where somebody is there to type a password, sudo may ask for it.
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; }; then
            as_root=(sudo)
        else
            echo "These Debian packages are missing: ${missing[*]}" >&2
            echo "Install them as root, then start this again:" >&2
            echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
    fi
    echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" | apt_progress
}

# A line for every 20 packages rather than thousands, or none.
apt_progress() {
    awk '/^Get:/ { fetched++ } /^Setting up / { ready++ }
         /^(Get:|Setting up )/ && (fetched + ready) % 20 == 0 {
             printf "  %d packages fetched, %d set up\n", fetched, ready; fflush() }'
}

# The compiler cache in a kept place, so that a second clone builds quickly too.
export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/sallyport-ccache}
mkdir -p "$CCACHE_DIR" 2>/dev/null || CCACHE_DIR=$root/build/ccache # without a home of one's own
export CCACHE_NOHASHDIR=1
export CCACHE_BASEDIR=$root
