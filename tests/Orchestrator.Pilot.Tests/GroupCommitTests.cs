using Orchestrator.Pilot.Journal;

namespace Orchestrator.Pilot.Tests;

public sealed class GroupCommitTests
{
    [Fact]
    public void All_tasks_of_an_answer_are_in_one_batch_with_it()
    {
        var batches = new List<(int Submissions, int Answers)>();
        using (var commits = new GroupCommit(null, TimeProvider.System, batch => batches.Add((batch.Submissions.Count, batch.Answers.Count)), static _ => { }))
        {
            commits.Add([.. Enumerable.Range(0, 5).Select(static row => new Submission(row * 1000, 1000, []))], (0, 1));
        }

        batches.ShouldBe([(5, 1)]);
    }
}
