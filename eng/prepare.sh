# shellcheck shell=bash
# Sourced by run and test: the .NET SDK, the engine, and one build at a time. Expects $root, the top of the repository.

: "${root:?the sourcing script sets root}"

sdk_wanted=10.0

# Ends with a clear message unless a .NET SDK of the wanted version is installed.
require_sdk() {
    if ! command -v dotnet > /dev/null; then
        # The usual places of an SDK that was installed without changing PATH.
        local place
        for place in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
            if [ -n "$place" ] && [ -x "$place/dotnet" ]; then
                PATH=$place:$PATH
                export PATH DOTNET_ROOT="$place"
                break
            fi
        done
    fi
    # Asked outside the repository: global.json would turn a too old SDK into an error of its own.
    if ! command -v dotnet > /dev/null || ! (cd / && dotnet --list-sdks 2> /dev/null) | grep -q "^$sdk_wanted\."; then
        echo "The .NET SDK $sdk_wanted (10.0.100 or a later 10.0) is needed and was not found. See https://dotnet.microsoft.com/download/dotnet/$sdk_wanted" >&2
        exit 1
    fi
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
    # No build server outlives the command that started it.
    export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
}

# The engine that builds link: ENGINE, else what eng/engine remembered, else Local. Sets $engine.
read_engine() {
    engine=${ENGINE:-}
    if [ -z "$engine" ] && [ -r "$root/artifacts/engine" ]; then
        read -r engine < "$root/artifacts/engine" || true
    fi
    engine=${engine:-Local}
    export ENGINE="$engine"          # MSBuild reads it as the property Engine
}

# Runs a command with its output kept in a log, which is shown only if the command fails.
quietly() {
    local log=$1
    shift
    # Without the lock: a compiler server that outlives the command must not keep it.
    if ! "$@" > "$log" 2>&1 < /dev/null 9>&-; then
        cat "$log" >&2
        return 1
    fi
}

# compile LOG WHAT...: one compiler server for all projects, which takes half the time, and which does not outlive the build.
compile() {
    local log=$1 server=orchestrator-$$ status=0 process
    shift
    quietly "$log" dotnet build "$@" -c Release -nologo -v:q -clp:NoSummary -p:UseSharedCompilation=true "-p:SharedCompilationId=$server" || status=$?
    for process in $(cd /proc && grep -lse "-pipename[:]$server" [0-9]*/cmdline); do
        kill "${process%/cmdline}" 2> /dev/null || true
    done
    return "$status"
}

# Two commands started at once must not build into the same folders at once.
lock_build() {
    mkdir -p "$root/artifacts/$engine"
    if command -v flock > /dev/null; then
        exec 9> "$root/artifacts/$engine/.build-lock"
        flock 9
    fi
}

unlock_build() {
    exec 9>&-
}
