namespace Orchestrator.Pilot.Hooks;

/// <summary>A hook that is started for each result, which it reads as one line; all that it prints are tasks.</summary>
internal sealed class ResultHook : IHook
{
    private readonly Func<HookProcess> start;
    private readonly IHookOwner owner;
    private readonly object gate = new();
    private readonly Queue<HookResult> unanswered = new();
    private readonly Thread thread;
    private HookProcess? process;
    private bool isClosing;

    public ResultHook(Func<HookProcess> start, IHookOwner owner)
    {
        this.start = start;
        this.owner = owner;
        thread = new(Run) { IsBackground = true, Name = "hook" };
        thread.Start();
    }

    public void Send(HookResult result)
    {
        lock (gate)
        {
            unanswered.Enqueue(result);
            Monitor.PulseAll(gate);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isClosing = true;
            process?.Kill();
            Monitor.PulseAll(gate);
        }

        thread.Join(TimeSpan.FromSeconds(2));
    }

    private void Run()
    {
        while (true)
        {
            HookResult result;
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

                result = unanswered.Peek();
            }

            owner.Answered(result, Ask(result));
            lock (gate)
            {
                unanswered.Dequeue();
            }
        }
    }

    private string Ask(HookResult result)
    {
        try
        {
            using var started = start();
            lock (gate)
            {
                process = started;
            }

            try
            {
                started.Input.WriteLine(result.Json);
                started.Input.Close();
            }
            catch (IOException)
            {
                // It need not read.
            }

            var answer = started.Output.ReadToEnd();
            var status = started.Ended.GetAwaiter().GetResult();
            if (status == 0)
            {
                return answer;
            }

            owner.Warn($"--on-complete failed for {result.Json}; what it said is not used");
        }
        catch (IOException fault)
        {
            owner.Warn($"--on-complete: {fault.Message}");
        }

        return "";
    }
}
