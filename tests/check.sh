#!/bin/sh
# Builds and runs every suite: gcc with AddressSanitizer and UndefinedBehaviorSanitizer (all
# but the lab), ThreadSanitizer (the threaded ones), clang (warnings), and a release build (the lab).
# Usage: check.sh BUILD. Each build leaves BUILD*/meson-logs/testlog.junit.xml; see count-results.py.
build=${1:-build-check}
status=0
lab=false
[ "$(id -u)" = 0 ] && lab=true
export CI="${CI:-}"

configure() { # DIR ARGS...
    dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$dir" "$@" >/dev/null || {
        cat "$dir/meson-logs/meson-log.txt"
        exit 1
    }
    ninja -C "$dir" >"$dir/build.log" 2>&1 || {
        cat "$dir/build.log"
        exit 1
    }
}

run() { # DIR ARGS...
    dir=$1
    shift
    meson test -C "$dir" --no-rebuild --print-errorlogs "$@" || status=1
}

rm -f "$build"*/meson-logs/testlog.junit.xml
configure "$build" -Dfake=true -Dtests=enabled -Db_sanitize=address,undefined -Db_lundef=false
# Screens wait more than they compute.
run "$build" --num-processes 3
configure "$build-tsan" -Dfake=true -Dtests=enabled -Db_sanitize=thread -Db_lundef=false
run "$build-tsan" --num-processes 2 --suite threads
CC=clang configure "$build-clang" -Dfake=true -Dtests=enabled
run "$build-clang" --num-processes 2 --suite model --suite layers
# Real hypervisors meet the program as it is released.
configure "$build-release" -Dtests=enabled -Dlab=$lab --buildtype=release
run "$build-release" --num-processes 2 --suite lab --suite layers
exit $status
