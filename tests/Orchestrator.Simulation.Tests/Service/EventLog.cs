using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>The event log: per source, in order, each once.</summary>
internal sealed class EventLog(Storage storage)
{
    private readonly Dictionary<string, List<OrchestratorEvent>> sources = [];

    /// <summary>What must never happen, and did.</summary>
    public event Action<string>? Violated;

    public IReadOnlyList<OrchestratorEvent> Of(string source) => sources.GetValueOrDefault(source) ?? [];

    public IEnumerable<string> Sources => sources.Keys;

    public Task AppendAsync(Host host, ImmutableArray<OrchestratorEvent> events) => storage.DoAsync(host, () =>
    {
        foreach (var occurrence in events)
        {
            if (!sources.TryGetValue(occurrence.Source, out var log))
            {
                sources.Add(occurrence.Source, log = []);
            }

            if (occurrence.Sequence <= log.Count)
            {
                if (log[(int)occurrence.Sequence - 1] is var known && (known.Kind != occurrence.Kind || known.Text != occurrence.Text))
                {
                    Violated?.Invoke($"event {occurrence.Source} {occurrence.Sequence} was {known.Kind} \"{known.Text}\" and is {occurrence.Kind} \"{occurrence.Text}\" (invariant 9)");
                }
            }
            else if (occurrence.Sequence == log.Count + 1)
            {
                log.Add(occurrence);
            }
            else
            {
                Violated?.Invoke($"event {occurrence.Source} {occurrence.Sequence} follows {log.Count} (invariant 9)");
            }
        }
    });
}
