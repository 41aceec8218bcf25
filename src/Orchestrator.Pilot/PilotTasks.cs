using System.Text;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Journal;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot;

/// <summary>The tasks of a pilot: the rules, and the text of each by its number.</summary>
internal sealed class PilotTasks
{
    /// <summary>Tasks of one row.</summary>
    private const int RowMax = 1000;

    public TaskSet Set { get; } = new();

    private readonly CompactTexts texts = new();

    public int Count => texts.Count;

    public string IdOf(int task) => texts.Name(task);

    public TaskDefinition Definition(int task) => TaskFile.ReadStored(texts.TextOf(task).Span);

    public ReadOnlyMemory<byte> Json(int task) => texts.TextOf(task);

    public int Find(string id) => texts.Find(Encoding.UTF8.GetBytes(id));

    /// <summary>Adds what is not there yet; nothing runs before the set admits it.</summary>
    /// <param name="tasks">Checked: what they wait for is there or among them.</param>
    /// <param name="conflicts">Ids that are there with another definition: these are not added again.</param>
    /// <returns>What is to be stored, in rows.</returns>
    public IReadOnlyList<Submission> Add(IReadOnlyList<TaskDefinition> tasks, out IReadOnlyList<string> conflicts)
    {
        var different = new List<string>();
        var rows = new List<Submission>();
        var first = Count;
        var row = new MemoryStream();
        var rowCount = 0;
        var added = new List<TaskDefinition>(tasks.Count);
        foreach (var task in tasks)
        {
            var json = task.ToJson();
            var name = Encoding.UTF8.GetBytes(task.Id);
            if (texts.Find(name) is >= 0 and var known)
            {
                if (!texts.TextOf(known).Span.SequenceEqual(json))
                {
                    different.Add(task.Id);
                }

                continue;
            }

            texts.Add(name, json);
            Set.Add(task.Shape);
            added.Add(task);
            row.WriteByte((byte)(rowCount++ == 0 ? '[' : ','));
            row.Write(json);
            if (rowCount == RowMax)
            {
                EndRow();
            }
        }

        if (rowCount > 0)
        {
            EndRow();
        }

        for (var number = 0; number < added.Count; number++)
        {
            foreach (var predecessor in added[number].After)
            {
                Set.Connect(Find(predecessor), first + number);
            }
        }

        conflicts = different;
        return rows;

        void EndRow()
        {
            row.WriteByte((byte)']');
            rows.Add(new(Count - rowCount, rowCount, row.ToArray()));
            row.SetLength(0);
            rowCount = 0;
        }
    }

    /// <summary>Reads what a former pilot left. Nothing runs before the set admits it.</summary>
    /// <param name="journal">Where it left it.</param>
    /// <param name="retryFailed">What failed is tried again from its first attempt.</param>
    /// <param name="anew">That it is, to be stored before one of them starts.</param>
    /// <returns>Final ends of tasks, by number. Whether a task is still to be skipped, the set says when they are admitted.</returns>
    public Dictionary<int, TaskEnd> Restore(PilotJournal journal, bool retryFailed, out IReadOnlyList<TaskEnd> anew)
    {
        foreach (var submission in journal.Submissions())
        {
            var reading = TaskFile.Read(submission.Tasks, id => Find(id) >= 0);
            if (reading.Problems.Count > 0 || reading.Tasks.Count != submission.Count || submission.First != Count)
            {
                throw new JournalException($"The tasks from number {submission.First} on are damaged: {(reading.Problems.Count > 0 ? reading.Problems[0] : "their number is wrong")}");
            }

            Add(reading.Tasks, out _);
        }

        var failures = new Dictionary<int, int>();
        var final = new Dictionary<int, TaskEnd>();
        foreach (var end in journal.Ends())
        {
            if (end.IsFinal)
            {
                final[end.Lease.Task] = end;
                failures.Remove(end.Lease.Task);
            }
            else
            {
                final.Remove(end.Lease.Task);
                failures[end.Lease.Task] = end.Lease.Attempt;
            }
        }

        var begun = new List<TaskEnd>();
        foreach (var (task, end) in final.ToList())
        {
            if (end.Outcome == TaskOutcome.Completed)
            {
                Set.Restore(task, TaskPhase.Completed, 0);
            }
            else if (retryFailed)
            {
                final.Remove(task);
                begun.Add(new() { Lease = new() { Task = task }, Outcome = TaskOutcome.Anew });
            }
            else if (end.Outcome != TaskOutcome.Skipped)
            {
                Set.Restore(task, TaskPhase.Failed, end.Lease.Attempt);
            }
        }

        foreach (var (task, attempts) in failures)
        {
            Set.Restore(task, TaskPhase.Added, attempts);
        }

        anew = begun;
        return final;
    }
}
