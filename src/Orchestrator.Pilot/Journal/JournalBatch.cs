using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Journal;

/// <summary>What is written in one transaction.</summary>
internal sealed class JournalBatch
{
    public List<Submission> Submissions { get; } = [];

    public List<TaskEnd> Ends { get; } = [];

    /// <summary>Tasks whose result the hook has answered.</summary>
    public List<(int Task, int Attempt)> Answers { get; } = [];

    public int Count => Submissions.Count + Ends.Count + Answers.Count;

    public void Clear()
    {
        Submissions.Clear();
        Ends.Clear();
        Answers.Clear();
    }
}
