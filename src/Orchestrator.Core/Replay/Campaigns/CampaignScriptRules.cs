using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>What a script must be so that it can be replayed.</summary>
public static class CampaignScriptRules
{
    private const double EventsMax = 50_000_000;

    /// <summary>All that is wrong with it, each a field and what is wrong there; empty: nothing.</summary>
    public static ImmutableArray<(string Field, string Problem)> Problems(CampaignScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        var problems = ImmutableArray.CreateBuilder<(string, string)>();
        Check(script.Duration <= TimeSpan.Zero, "duration", $"it is {script.Duration}; above zero is allowed");
        Check(script.PlanEvery <= TimeSpan.Zero, "plan_every", $"it is {script.PlanEvery}; above zero is allowed");
        Check(script.Nodes.IsEmpty, "machine", "it has no nodes; at least one is needed");
        var nodes = script.Nodes.Select(static node => node.Node.Id).ToHashSet();
        Check(nodes.Count != script.Nodes.Length, "machine", "two nodes have the same name");
        var known = new List<MaintenanceWindow>();
        foreach (var window in script.Windows)
        {
            foreach (var problem in WindowMachine.Problems(window, nodes, known, script.Start))
            {
                problems.Add(($"windows.{window.Id}.{problem.Field}", problem.Problem));
            }

            known.Add(window);
        }

        for (var number = 0; number < script.Storage.Length; number++)
        {
            var spell = script.Storage[number];
            Check(spell.From < TimeSpan.Zero || spell.Until <= spell.From, Text($"storage[{number}].until"), $"{spell.Until} is not after its beginning, {spell.From}");
            Check(!(spell.Factor >= 1 && double.IsFinite(spell.Factor)), Text($"storage[{number}].factor"), Text($"{spell.Factor} is not in range; at least 1 is allowed"));
        }

        Simulations(script, problems);
        Users(script, problems);
        return problems.ToImmutable();

        void Check(bool wrong, string field, string problem)
        {
            if (wrong)
            {
                problems.Add((field, problem));
            }
        }
    }

    /// <exception cref="ArgumentException">Something is wrong with it; the message names all of it.</exception>
    public static void Check(CampaignScript script)
    {
        if (Problems(script) is { IsEmpty: false } problems)
        {
            throw new ArgumentException(string.Join("; ", problems.Select(static problem => $"{problem.Field}: {problem.Problem}")), nameof(script));
        }
    }

    private static void Simulations(CampaignScript script, ImmutableArray<(string, string)>.Builder problems)
    {
        var ids = new HashSet<SimulationId>();
        foreach (var simulation in script.Simulations)
        {
            var field = $"simulations.{simulation.Definition.Id}";
            Check(!ids.Add(simulation.Definition.Id), "", "it is listed twice");
            Check(simulation.Definition.Stages.IsEmpty, ".stages", "it has no stage");
            Check(!(simulation.Takes > 0 && double.IsFinite(simulation.Takes)), ".takes", Text($"{simulation.Takes} is not in range; above 0 is allowed"));
            Check(simulation.CheckpointCost < TimeSpan.Zero, ".checkpoint_cost", "it is negative");
            Check(simulation.StartTime < TimeSpan.Zero, ".start_time", "it is negative");
            Check(simulation.Submitted < TimeSpan.Zero, ".submitted", "it is negative");
            foreach (var stage in simulation.Definition.Stages)
            {
                var able = script.Nodes.Count(node => node.Node.Cores >= stage.Resources.CoresPerNode);
                Check(stage.Resources.Nodes > able, $".stages.{stage.Name}.resources", $"it wants {stage.Resources.Nodes} nodes of {stage.Resources.CoresPerNode} cores, the machine has {able}");
            }

            void Check(bool wrong, string at, string problem)
            {
                if (wrong)
                {
                    problems.Add((field + at, problem));
                }
            }
        }
    }

    private static void Users(CampaignScript script, ImmutableArray<(string, string)>.Builder problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var cores = script.Nodes.Sum(static node => (double)node.Node.Cores);
        foreach (var users in script.Users)
        {
            var field = $"users.{users.Name}";
            Check(!SimulationId.TryParse($"s-{users.Name}-1", out _) || users.Name.Length > 40, "", "its name must be 1 to 40 of a-z, 0-9, '_' and '-'");
            Check(!names.Add(users.Name), "", "it is listed twice");
            Check(users.Count < 1, ".count", Text($"{users.Count} is not in range; at least 1 is allowed"));
            Check(!(users.Load > 0 && double.IsFinite(users.Load)), ".load", Text($"{users.Load} is not in range; above 0 is allowed"));
            Check(users.WaitingMax < 1, ".waiting", Text($"{users.WaitingMax} is not in range; at least 1 is allowed"));
            Check(users.NodesMin < 1 || users.NodesMax < users.NodesMin, ".nodes", $"{users.NodesMin} to {users.NodesMax} is no range from 1 up");
            Check(users.TimeMin <= TimeSpan.Zero || users.TimeMax < users.TimeMin, ".time", $"{users.TimeMin} to {users.TimeMax} is no range above zero");
            Check(!(users.EstimateFactor >= 1 && double.IsFinite(users.EstimateFactor)), ".estimate_factor", Text($"{users.EstimateFactor} is not in range; at least 1 is allowed"));
            Check(!(users.Checkpoints is >= 0 and <= 1), ".checkpoints", Text($"{users.Checkpoints} is not in range; 0 to 1 is allowed"));
            Check(users.CheckpointCost < TimeSpan.Zero || users.StartTime < TimeSpan.Zero, ".checkpoint_cost", "a time is negative");
            var able = script.Nodes.Count(node => node.Node.Cores >= users.Cores);
            Check(users.Cores < 1 || users.NodesMax > able, ".nodes", $"{users.NodesMax} nodes of {users.Cores} cores are more than the machine has ({able})");
            if (users is { NodesMin: >= 1, Load: > 0 } && users.NodesMax >= users.NodesMin && users.TimeMin > TimeSpan.Zero && users.TimeMax >= users.TimeMin && users.Cores >= 1)
            {
                var pieces = users.Load * cores * script.Duration.TotalSeconds / users.MeanWork;
                Check(pieces > EventsMax, ".load", Text($"it makes {pieces:0} pieces of work; at most {EventsMax:0} are allowed"));
            }

            void Check(bool wrong, string at, string problem)
            {
                if (wrong)
                {
                    problems.Add((field + at, problem));
                }
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
