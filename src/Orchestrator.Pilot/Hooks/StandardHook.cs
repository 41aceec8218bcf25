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
    private readonly Queue<string> unwritten = new();
    private readonly Thread reader;
    private readonly Thread writer;
    private bool isClosing;

    public StandardHook(TextReader input, TextWriter output, IHookOwner owner, Action gone)
    {
        this.input = input;
        this.output = output;
        this.owner = owner;
        this.gone = gone;
        reader = new(Read) { IsBackground = true, Name = "answers" };
        writer = new(Write) { IsBackground = true, Name = "results" };
        reader.Start();
        writer.Start();
    }

    public void Send(HookResult result)
    {
        lock (gate)
        {
            unanswered.Enqueue(result);
            unwritten.Enqueue(result.Json);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Gives whoever reads two seconds for the rest.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isClosing = true;
            Monitor.PulseAll(gate);
        }

        writer.Join(TimeSpan.FromSeconds(2));
    }

    /// <summary>A thread of its own: who answers may write much before it reads on, and nothing else waits for that.</summary>
    private void Write()
    {
        while (true)
        {
            string line;
            lock (gate)
            {
                while (unwritten.Count == 0 && !isClosing)
                {
                    Monitor.Wait(gate);
                }

                if (!unwritten.TryDequeue(out line!))
                {
                    return;
                }
            }

            try
            {
                output.Write(line + "\n");
                output.Flush();
            }
            catch (IOException fault)
            {
                // Nobody reads any more: the end of the answers tells the same, and ends the campaign.
                owner.Warn($"--on-complete -: {fault.Message}");
                return;
            }
        }
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
