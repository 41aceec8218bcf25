using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Programs;

/// <summary>Results of the stages before, as a program gets them: all of them in a file, the numbers of each in its environment.</summary>
internal static class StageResultWords
{
    /// <summary><c>ORCHESTRATOR_STAGE_NAME_STATUS</c>, <c>_EXIT</c> and <c>_METRIC</c>, in capitals, with '_' for what a variable cannot have in its name.</summary>
    public static IEnumerable<(string Name, string Value)> Of(ImmutableArray<StageOutcome> results)
    {
        foreach (var result in results)
        {
            var name = $"ORCHESTRATOR_STAGE_{Word(result.Stage)}";
            yield return ($"{name}_STATUS", SimulationMachine.NameOf(result.Status));
            if (result.ExitStatus is { } exit)
            {
                yield return ($"{name}_EXIT", exit.ToString(CultureInfo.InvariantCulture));
            }

            foreach (var (metric, value) in result.Metrics)
            {
                yield return ($"{name}_METRIC_{Word(metric)}", value.ToString("R", CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>A list with a mapping for each stage: stage, status, exitStatus, metrics, artifacts (path, size, sha256, writtenAt).</summary>
    public static byte[] File(ImmutableArray<StageOutcome> results) => JsonSerializer.SerializeToUtf8Bytes(results, WireJson.Options);

    private static string Word(string text) => string.Concat(text.Select(static letter => char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_'));
}
