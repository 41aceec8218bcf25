namespace Orchestrator.Pilot.Hooks;

/// <summary>Whoever started the pilot is the hook: results go to standard output, answers come from standard input. Its end is the end of the campaign.</summary>
internal sealed class StandardHook : IHook
{
    private readonly TextReader input;
    private readonly TextWriter output;
    private readonly IHookOwner owner;
    private readonly Action gone;
    private readonly object gate = new();
    private readonly Queue<HookResult> unanswered = new();
    private readonly Thread thread;

    public StandardHook(TextReader input, TextWriter output, IHookOwner owner, Action gone)
    {
        this.input = input;
        this.output = output;
        this.owner = owner;
        this.gone = gone;
        thread = new(Read) { IsBackground = true, Name = "answers" };
        thread.Start();
    }

    public void Send(HookResult result)
    {
        lock (gate)
        {
            unanswered.Enqueue(result);
            try
            {
                output.Write(result.Json + "\n");
                output.Flush();
            }
            catch (IOException fault)
            {
                owner.Warn($"--on-complete -: {fault.Message}");
            }
        }
    }

    public void Dispose()
    {
    }

    private void Read()
    {
        while (input.ReadLine() is { } line)
        {
            HookResult result;
            lock (gate)
            {
                if (!unanswered.TryPeek(out result!))
                {
                    owner.Warn($"--on-complete -: more answers than results: {line}");
                    continue;
                }
            }

            owner.Answered(result, line);
            lock (gate)
            {
                unanswered.TryDequeue(out _);
            }
        }

        gone();
    }
}
