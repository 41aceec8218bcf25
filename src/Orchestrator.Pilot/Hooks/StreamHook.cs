namespace Orchestrator.Pilot.Hooks;

/// <summary>
/// A hook that is started once: a result is a line to it, its answer the next line from it. When it ends with results unanswered it is started again and gets them again.
/// </summary>
internal sealed class StreamHook : IHook
{
    /// <summary>So often in a row it may end without an answer; then the result that it gets first is given up.</summary>
    private const int DeathsMax = 3;

    private readonly Func<HookProcess> start;
    private readonly IHookOwner owner;
    private readonly object gate = new();
    private readonly LinkedList<HookResult> unanswered = new();
    private readonly Thread reader;
    private readonly Thread writer;
    private HookProcess? process;
    private LinkedListNode<HookResult>? next;
    private bool isClosing;

    public StreamHook(Func<HookProcess> start, IHookOwner owner)
    {
        this.start = start;
        this.owner = owner;
        reader = new(Read) { IsBackground = true, Name = "hook answers" };
        writer = new(Write) { IsBackground = true, Name = "hook results" };
        reader.Start();
        writer.Start();
    }

    public void Send(HookResult result)
    {
        lock (gate)
        {
            var node = unanswered.AddLast(result);
            next ??= node;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Closes its input, and gives it two seconds to end by itself.</summary>
    public void Dispose()
    {
        HookProcess? last;
        lock (gate)
        {
            isClosing = true;
            last = process;
            Monitor.PulseAll(gate);
        }

        writer.Join(TimeSpan.FromSeconds(2));
        if (last is not null && !last.Ended.Wait(TimeSpan.FromSeconds(2)))
        {
            last.Kill();
        }

        reader.Join(TimeSpan.FromSeconds(2));
    }

    private void Write()
    {
        while (true)
        {
            HookProcess? to;
            string line;
            lock (gate)
            {
                while ((next is null || process is null) && !isClosing)
                {
                    Monitor.Wait(gate);
                }

                if (isClosing)
                {
                    process?.Input.Close();
                    return;
                }

                (to, line) = (process!, next!.Value.Json);
                next = next.Next;
            }

            try
            {
                to.Input.WriteLine(line);
                to.Input.Flush();
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException)
            {
                // The reader sees its end, and starts another, which gets everything that was not answered.
            }
        }
    }

    private void Read()
    {
        var deaths = 0;
        while (true)
        {
            lock (gate)
            {
                while (unanswered.Count == 0 && !isClosing)
                {
                    Monitor.Wait(gate);
                }

                if (isClosing)
                {
                    return;
                }
            }

            var answers = ReadOne();
            deaths = answers > 0 ? 0 : deaths + 1;
            if (deaths < DeathsMax)
            {
                continue;
            }

            deaths = 0;
            HookResult? given = null;
            lock (gate)
            {
                given = unanswered.First?.Value;
                if (given is not null)
                {
                    unanswered.RemoveFirst();
                }
            }

            if (given is not null)
            {
                owner.Warn($"--on-complete ended {DeathsMax} times without an answer; the result is given up: {given.Json}");
                owner.Answered(given, "");
            }
        }
    }

    /// <summary>One run of the command.</summary>
    /// <returns>How many results it answered.</returns>
    private int ReadOne()
    {
        HookProcess started;
        try
        {
            started = start();
        }
        catch (IOException fault)
        {
            owner.Warn($"--on-complete: {fault.Message}");
            return 0;
        }

        lock (gate)
        {
            process = started;
            next = unanswered.First;
            Monitor.PulseAll(gate);
        }

        var answers = 0;
        try
        {
            while (started.Output.ReadLine() is { } line)
            {
                HookResult result;
                lock (gate)
                {
                    if (unanswered.First is not { } first || ReferenceEquals(first, next))
                    {
                        owner.Warn($"--on-complete said more than it was asked: {line}");
                        continue;
                    }

                    result = first.Value;
                }

                answers++;
                owner.Answered(result, line);
                lock (gate)
                {
                    unanswered.RemoveFirst();
                }
            }
        }
        catch (IOException fault)
        {
            owner.Warn($"--on-complete: {fault.Message}");
        }

        lock (gate)
        {
            process = null;
        }

        var status = started.Ended.GetAwaiter().GetResult();
        started.Dispose();
        if (status != 0 && !isClosing)
        {
            owner.Warn($"--on-complete ended with status {(status & 0x7F) switch { 0 => $"{status >> 8}", var signal => $"signal {signal}" }}; it is started again for the next result");
        }

        return answers;
    }
}
