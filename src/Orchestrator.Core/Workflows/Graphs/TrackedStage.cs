namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>What <see cref="WorkflowTracker"/> keeps of one stage: the state of each of its edges, and how many are open and broken.</summary>
internal sealed class TrackedStage
{
    private const int FewEdges = 8;
    private Dictionary<string, List<int>>? byStage;
    private readonly List<bool> failures = [];

    public StageFacts Facts { get; set; } = StageFacts.None;

    public List<EdgeState> Edges { get; } = [];

    public Dictionary<int, EdgeMark> Marks { get; } = [];

    public int Open { get; private set; }

    public int Broken { get; private set; }

    public int BrokenByFailure { get; private set; }

    /// <summary>As many edges as the stage has now; after an edge was taken away, all are judged anew.</summary>
    public void Fit(StageDefinition stage)
    {
        if (Edges.Count == stage.After.Length)
        {
            return;
        }

        if (Edges.Count > stage.After.Length)
        {
            Edges.Clear();
            failures.Clear();
            (Open, Broken, BrokenByFailure) = (0, 0, 0);
        }

        byStage = null;
        while (Edges.Count < stage.After.Length)
        {
            Edges.Add(EdgeState.Pending);
            failures.Add(false);
        }
    }

    public void Count(int number, EdgeJudgement judged)
    {
        Add(number, -1);
        Edges[number] = judged.State;
        failures[number] = judged.IsBrokenByFailure;
        Add(number, 1);
    }

    public List<int> EdgesFrom(StageDefinition stage, string from)
    {
        Fit(stage);
        if (stage.After.Length <= FewEdges)
        {
            List<int> found = [];
            for (var number = 0; number < stage.After.Length; number++)
            {
                if (stage.After[number].Stage == from)
                {
                    found.Add(number);
                }
            }

            return found;
        }

        if (byStage is null)
        {
            byStage = new(StringComparer.Ordinal);
            for (var number = 0; number < stage.After.Length; number++)
            {
                if (!byStage.TryGetValue(stage.After[number].Stage, out var numbers))
                {
                    byStage[stage.After[number].Stage] = numbers = [];
                }

                numbers.Add(number);
            }
        }

        return byStage.GetValueOrDefault(from, []);
    }

    private void Add(int number, int by)
    {
        Open += Edges[number] is EdgeState.Satisfied or EdgeState.Bypassed ? by : 0;
        Broken += Edges[number] == EdgeState.Failed ? by : 0;
        BrokenByFailure += Edges[number] == EdgeState.Failed && failures[number] ? by : 0;
    }
}
