using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>Puts the faults of a test around the storage of a silo.</summary>
internal static class FaultyStorage
{
    public static void AddStorageFaults(this IServiceCollection services, StorageFaults faults)
    {
        var main = services.Last(static service =>
            service.ServiceType == typeof(IGrainStorage) && Equals(service.ServiceKey, StorageSiloExtensions.GrainStorageName));
        var make = main.KeyedImplementationFactory ?? throw new InvalidOperationException("Grain storage is not made by a factory.");
        services.Remove(main);
        services.AddKeyedSingleton<IGrainStorage>(main.ServiceKey, (provider, key) => new Grains((IGrainStorage)make(provider, key), faults));
        Decorate<ILedger>(services, ledger => new Ledger(ledger, faults));
        Decorate<IEventLog>(services, events => new Events(events, faults));
        Decorate<IHistory>(services, history => new History(history, faults));
    }

    private static void Decorate<T>(IServiceCollection services, Func<T, T> around) where T : class
    {
        var inner = services.Last(static service => service.ServiceType == typeof(T));
        var make = inner.ImplementationFactory ?? throw new InvalidOperationException($"{typeof(T).Name} is not made by a factory.");
        services.Remove(inner);
        services.AddSingleton(provider => around((T)make(provider)));
    }

    private sealed class Grains(IGrainStorage inner, StorageFaults faults) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => faults.AroundAsync(StorageFaults.GrainState, async () =>
        {
            await inner.WriteStateAsync(stateName, grainId, grainState);
            return true;
        });

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);

        public void Participate(ISiloLifecycle lifecycle) => (inner as ILifecycleParticipant<ISiloLifecycle>)?.Participate(lifecycle);
    }

    private sealed class Ledger(ILedger inner, StorageFaults faults) : ILedger
    {
        public Task<LedgerTail> LoadAsync(string grain, CancellationToken cancellationToken) => inner.LoadAsync(grain, cancellationToken);

        public Task<long> AppendAsync(string grain, long expectedSequence, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken) =>
            faults.AroundAsync(StorageFaults.Ledger, () => inner.AppendAsync(grain, expectedSequence, entries, cancellationToken));

        public Task SnapshotAsync(string grain, long sequence, int version, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
            inner.SnapshotAsync(grain, sequence, version, payload, cancellationToken);
    }

    private sealed class Events(IEventLog inner, StorageFaults faults) : IEventLog
    {
        public Task<long> AppendAsync(IReadOnlyList<EventDraft> events, CancellationToken cancellationToken) =>
            faults.AroundAsync(StorageFaults.EventLog, () => inner.AppendAsync(events, cancellationToken));

        public Task<IReadOnlyList<EventRecord>> EventsAfterAsync(string source, long sequence, int limit, CancellationToken cancellationToken) =>
            inner.EventsAfterAsync(source, sequence, limit, cancellationToken);

        public Task<IReadOnlyList<EventRecord>> NewestAsync(string source, int limit, CancellationToken cancellationToken) => inner.NewestAsync(source, limit, cancellationToken);

        public Task<IReadOnlyList<EventRecord>> ReadAsync(long afterPosition, EventFilter filter, int limit, CancellationToken cancellationToken) =>
            inner.ReadAsync(afterPosition, filter, limit, cancellationToken);

        public Task<long> LastPositionAsync(CancellationToken cancellationToken) => inner.LastPositionAsync(cancellationToken);

        public Task WaitAsync(long afterPosition, CancellationToken cancellationToken) => inner.WaitAsync(afterPosition, cancellationToken);

        public Task<long> CursorAsync(string consumer, string source, CancellationToken cancellationToken) => inner.CursorAsync(consumer, source, cancellationToken);

        public Task<long> AdvanceAsync(string consumer, string source, long sequence, CancellationToken cancellationToken) =>
            inner.AdvanceAsync(consumer, source, sequence, cancellationToken);

        public Task ForgetAsync(string consumer, string? source, CancellationToken cancellationToken) => inner.ForgetAsync(consumer, source, cancellationToken);

        public Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => inner.PruneAsync(before, cancellationToken);
    }

    private sealed class History(IHistory inner, StorageFaults faults) : IHistory
    {
        public Task AppendAsync(IReadOnlyList<HistoryRow> rows, CancellationToken cancellationToken) => faults.AroundAsync(StorageFaults.History, async () =>
        {
            await inner.AppendAsync(rows, cancellationToken);
            return true;
        });

        public Task<IReadOnlyList<HistoryRow>> QueryAsync(HistoryQuery query, CancellationToken cancellationToken) => inner.QueryAsync(query, cancellationToken);

        public Task<int> PruneAsync(string kind, DateTimeOffset before, CancellationToken cancellationToken) => inner.PruneAsync(kind, before, cancellationToken);
    }
}
