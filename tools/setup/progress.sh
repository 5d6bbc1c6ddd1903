# Sourced by ./run and ./check. build_with_progress DIR [--target NAMES]: on a terminal Ninja draws its
# own line; in a log every tenth of the work is one line, and warnings and errors are kept whole.
build_with_progress() {
    if [[ -t 1 ]]; then
        cmake --build "$@"
        return
    fi
    NINJA_STATUS='[%f/%t %p] ' cmake --build "$@" 2>&1 | awk '
        /^\[[0-9]+\/[0-9]+ +[0-9]+%\] / {
            match($0, /[0-9]+%/)
            tenth = int(substr($0, RSTART, RLENGTH - 1) / 10)
            if (tenth > shown) { shown = tenth; print; fflush() }
            next
        }
        { print; fflush() }'
    return "${PIPESTATUS[0]}"
}
