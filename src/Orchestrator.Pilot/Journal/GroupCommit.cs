using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Journal;

/// <summary>
/// Writes what comes meanwhile as one batch, and tells of it only then. The first after a pause is written at once; under load a transaction carries what came in a
/// hundredth of a second, so that neither the disk nor the hand-over between threads sets the pace.
/// </summary>
internal sealed class GroupCommit : IDisposable
{
    /// <summary>Beginnings of two transactions are so far apart.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(10);

    private const int PendingMax = 50_000;

    private readonly object gate = new();
    private readonly PilotJournal? journal;
    private readonly TimeProvider clock;
    private readonly Action<JournalBatch> committed;
    private readonly Action<JournalException> failed;
    private readonly Thread thread;
    private JournalBatch pending = new();
    private bool isClosing;
    private int outstanding;

    /// <param name="journal">Null: nothing is kept, and things are told at the same pace.</param>
    /// <param name="clock">Gives the pace.</param>
    /// <param name="committed">Called after each batch, on the writing thread.</param>
    /// <param name="failed">Called once when a batch could not be written; nothing is written after it.</param>
    public GroupCommit(PilotJournal? journal, TimeProvider clock, Action<JournalBatch> committed, Action<JournalException> failed)
    {
        this.journal = journal;
        this.clock = clock;
        this.committed = committed;
        this.failed = failed;
        thread = new(Run) { IsBackground = true, Name = "journal" };
        thread.Start();
    }

    /// <summary>What was added and is not told of yet.</summary>
    public int Outstanding
    {
        get
        {
            lock (gate)
            {
                return outstanding;
            }
        }
    }

    /// <summary>Called after each batch, when it no longer counts as outstanding.</summary>
    public Action? Drained { get; set; }

    public void Add(TaskEnd end)
    {
        lock (gate)
        {
            pending.Ends.Add(end);
            Added(pending.Count == 1);
        }
    }

    /// <summary>All in one transaction: an answer is never there without the tasks that it brought, and of those never some without the others.</summary>
    public void Add(IReadOnlyList<Submission> submissions, (int Task, int Attempt) answer)
    {
        lock (gate)
        {
            var wasEmpty = pending.Count == 0;
            pending.Submissions.AddRange(submissions);
            pending.Answers.Add(answer);
            Added(wasEmpty);
        }
    }

    /// <summary>Blocks while much waits to be written.</summary>
    public void WaitForRoom()
    {
        lock (gate)
        {
            while (pending.Count > PendingMax && !isClosing)
            {
                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>Writes what is there, and ends.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isClosing = true;
            Monitor.PulseAll(gate);
        }

        thread.Join();
    }

    private void Added(bool isFirst)
    {
        outstanding++;
        if (isFirst)
        {
            Monitor.PulseAll(gate);
        }
    }

    private void Run()
    {
        var writing = new JournalBatch();
        var lastBegan = 0L;
        while (true)
        {
            int count;
            lock (gate)
            {
                while (pending.Count == 0 && !isClosing)
                {
                    Monitor.Wait(gate);
                }

                if (pending.Count == 0)
                {
                    return;
                }

                if (lastBegan != 0 && Apart - clock.GetElapsedTime(lastBegan) is { Ticks: > 0 } wait && !isClosing)
                {
                    Monitor.Wait(gate, wait);
                    continue;
                }

                (pending, writing) = (writing, pending);
                count = outstanding;
                Monitor.PulseAll(gate);
            }

            lastBegan = clock.GetTimestamp();
            try
            {
                journal?.Write(writing);
            }
            catch (JournalException fault)
            {
                failed(fault);
                return;
            }

            committed(writing);
            writing.Clear();
            lock (gate)
            {
                outstanding -= count;
            }

            Drained?.Invoke();
        }
    }
}
