# The leader of an attempt's session: it outlives the agent, runs the shell line, and leaves the exit record.
# Arguments: attempt directory, name of the pid file, shell line.
# Signals to the group reach it too and must not end it before the program: they are caught, which the program does not inherit.
trap : HUP INT QUIT TERM USR1 USR2 ALRM
o_dir=$1 o_pid=$2 o_line=$3
exec </dev/null >>"$o_dir/stdout" 2>>"$o_dir/stderr" || exit 125
read -r o_stat <"/proc/$$/stat"
set -- ${o_stat##*) }
echo "$$ ${20}" >"$o_dir/$o_pid.$$" || exit 125
set --
(
    # TERM waits for the program that the line runs now and passes on how it ended; the rest of the line is left out.
    trap 'exit $?' TERM
    # Only from here on does anybody know whom to signal. The link fails when the agent revoked this start: then nothing may run, nor be recorded.
    command -p ln "$o_dir/$o_pid.$$" "$o_dir/$o_pid" 2>/dev/null || { command -p rm -f "$o_dir/$o_pid.$$"; kill -9 $$; exit 125; }
    command -p rm -f "$o_dir/$o_pid.$$"
    cd "$o_dir/run" || exit 125
    eval "$o_line"
)
o_status=$?
{
    echo "status $o_status"
    times
    if [ -r "/proc/$$/io" ]; then
        while read -r o_key o_value; do
            case $o_key in read_bytes: | write_bytes:) echo "$o_key $o_value" ;; esac
        done <"/proc/$$/io"
    fi
} >"$o_dir/exit.$$" 2>/dev/null
command -p mv -f "$o_dir/exit.$$" "$o_dir/exit"
