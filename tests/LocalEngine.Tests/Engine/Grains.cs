using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Storage;

namespace LocalEngine.Tests.Engine;

[Alias("test.probe-grain")]
public interface IProbeGrain : IGrainWithStringKey
{
    [Alias("echo")]
    Task<string> EchoAsync(string word);

    [Alias("hold")]
    Task HoldAsync(string gate);

    [AlwaysInterleave, Alias("interleave")]
    Task<string> InterleaveAsync(string word);

    [ReadOnly, Alias("read")]
    Task<string> ReadAsync(string gate);

    [OneWay, Alias("nudge")]
    Task NudgeAsync(string word);

    [OneWay, Alias("nudge-fail")]
    Task FailingNudgeAsync();

    [Alias("add")]
    Task<List<int>> AddAsync(List<int> numbers);

    [Alias("same")]
    Task<Sealed> SameAsync(Sealed value);

    [Alias("fail")]
    Task FailAsync();

    [Alias("fail-untold")]
    Task FailUntoldAsync();

    [Alias("call")]
    Task<string> CallAsync(string other, string word);

    [Alias("context")]
    Task<string?> ContextAsync(string key);

    [Alias("loop")]
    Task<string> LoopAsync(string through, bool allow);

    [Alias("wait")]
    Task<string> WaitAsync(CancellationToken cancellationToken);

    [ResponseTimeout("00:00:00.3"), Alias("slow")]
    Task SlowAsync(string gate);

    [Alias("leave")]
    Task LeaveAsync();

    [Alias("activation")]
    Task<Guid> ActivationAsync();

    [Alias("timer")]
    Task StartTimerAsync(TimeSpan due, TimeSpan period);

    [Alias("sum")]
    ValueTask<int> SumAsync(int left, int right);

    [Alias("turn")]
    Task<int> CountSlowlyAsync();
}

[GenerateSerializer, Immutable, Alias("test.sealed")]
public sealed record Sealed
{
    [Id(0)] public string Text { get; init; } = "";
}

[GenerateSerializer, Alias("test.refused")]
public sealed class RefusedException(string message) : Exception(message);

public sealed class UntoldException : Exception;

[GrainType("probe")]
public sealed class ProbeGrain(Probe probe) : Grain, IProbeGrain
{
    private readonly Guid activation = Guid.CreateVersion7();
    private int count;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (this.GetPrimaryKeyString() == "s-broken")
        {
            throw new RefusedException("not today");
        }

        probe.Say($"activated {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Say($"deactivated {this.GetPrimaryKeyString()} {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<string> EchoAsync(string word) => Task.FromResult(word);

    public async Task HoldAsync(string gate)
    {
        probe.Say($"holds {gate}");
        await probe.PassAsync(gate);
    }

    public Task<string> InterleaveAsync(string word) => Task.FromResult(word);

    public async Task<string> ReadAsync(string gate)
    {
        probe.Say($"reads {gate}");
        await probe.PassAsync(gate);
        return gate;
    }

    public Task NudgeAsync(string word)
    {
        probe.Say(word);
        return Task.CompletedTask;
    }

    public Task FailingNudgeAsync() => throw new RefusedException("nobody hears");

    public Task<List<int>> AddAsync(List<int> numbers)
    {
        numbers.Add(numbers.Count);
        return Task.FromResult(numbers);
    }

    public Task<Sealed> SameAsync(Sealed value) => Task.FromResult(value);

    public Task FailAsync() => throw new RefusedException("no");

    public Task FailUntoldAsync() => throw new UntoldException();

    public Task<string> CallAsync(string other, string word) => GrainFactory.GetGrain<IProbeGrain>(other).EchoAsync(word);

    public Task<string?> ContextAsync(string key)
    {
        var found = RequestContext.Get(key) as string;
        RequestContext.Set(key, "changed by the callee");
        return Task.FromResult(found);
    }

    public async Task<string> LoopAsync(string through, bool allow)
    {
        using var section = allow ? RequestContext.AllowCallChainReentrancy() : RequestContext.SuppressCallChainReentrancy();
        return await GrainFactory.GetGrain<IProbeGrain>(through).CallAsync(this.GetPrimaryKeyString(), "back again").WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System);
    }

    public async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        probe.Say("waits");
        var cancelled = new TaskCompletionSource();
        using var registration = cancellationToken.Register(() => cancelled.TrySetResult());
        await cancelled.Task;
        probe.Say("saw the cancellation");
        return "cancelled";
    }

    public Task SlowAsync(string gate) => probe.PassAsync(gate);

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<Guid> ActivationAsync() => Task.FromResult(activation);

    public Task StartTimerAsync(TimeSpan due, TimeSpan period)
    {
        this.RegisterGrainTimer(_ =>
        {
            probe.Say("tick");
            return Task.CompletedTask;
        }, due, period);
        return Task.CompletedTask;
    }

    public ValueTask<int> SumAsync(int left, int right) => new(left + right);

    public async Task<int> CountSlowlyAsync()
    {
        // Lost updates would show if another turn came between.
        var seen = count;
        await Task.Yield();
        await Task.Yield();
        count = seen + 1;
        return count;
    }
}

[Alias("test.reentrant-grain")]
public interface IReentrantGrain : IGrainWithStringKey
{
    [Alias("hold")]
    Task HoldAsync(string gate);

    [Alias("open")]
    Task OpenAsync(string gate);
}

[Reentrant, GrainType("reentrant")]
public sealed class ReentrantGrain(Probe probe) : Grain, IReentrantGrain
{
    public Task HoldAsync(string gate) => probe.PassAsync(gate);

    public Task OpenAsync(string gate)
    {
        probe.Open(gate);
        return Task.CompletedTask;
    }
}

[Alias("test.worker-grain")]
public interface IWorkerGrain : IGrainWithIntegerKey
{
    [Alias("meet")]
    Task MeetAsync(string gate);
}

[StatelessWorker(2), GrainType("worker")]
public sealed class WorkerGrain(Probe probe) : Grain, IWorkerGrain
{
    public async Task MeetAsync(string gate)
    {
        probe.Say($"met {gate}");
        await probe.PassAsync(gate);
    }
}

[Alias("test.keeper-grain")]
public interface IKeeperGrain : IGrainWithStringKey
{
    [Alias("read")]
    Task<int> ReadAsync();

    [Alias("write")]
    Task<int> WriteAsync(int value);

    [Alias("clear")]
    Task ClearAsync();

    [Alias("conflict")]
    Task ConflictAsync();

    [Alias("leave")]
    Task LeaveAsync();
}

[GenerateSerializer, Immutable, Alias("test.kept")]
public sealed record Kept
{
    [Id(0)] public int Value { get; init; }
}

[GrainType("keeper")]
public sealed class KeeperGrain([PersistentState("keeper", "main")] IPersistentState<Kept> store, Probe probe) : Grain, IKeeperGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Say($"loaded {store.State.Value} {store.RecordExists}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Say($"left {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<int> ReadAsync() => Task.FromResult(store.State.Value);

    public async Task<int> WriteAsync(int value)
    {
        store.State = new() { Value = value };
        await store.WriteStateAsync();
        return value;
    }

    public Task ClearAsync() => store.ClearStateAsync();

    public Task ConflictAsync() => throw new InconsistentStateException("somebody else wrote", "2", "1");

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

[Alias("test.reminded-grain")]
public interface IRemindedGrain : IGrainWithStringKey
{
    [Alias("arm")]
    Task ArmAsync(TimeSpan due, TimeSpan period);

    [Alias("disarm")]
    Task DisarmAsync();

    [Alias("names")]
    Task<List<string>> NamesAsync();
}

[GrainType("reminded")]
public sealed class RemindedGrain(Probe probe) : Grain, IRemindedGrain, IRemindable
{
    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        probe.Say($"{reminderName} {(status.CurrentTickTime - status.FirstTickTime).TotalMinutes}");
        return Task.CompletedTask;
    }

    public Task ArmAsync(TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder("wake", due, period);

    public async Task DisarmAsync() => await this.UnregisterReminder((await this.GetReminder("wake"))!);

    public async Task<List<string>> NamesAsync() => [.. (await this.GetReminders()).Select(static reminder => reminder.ReminderName)];
}

[Alias("test.classic-grain")]
public interface IClassicGrain : IGrainWithGuidKey
{
    [Alias("count")]
    Task<int> CountAsync();

    [Alias("count-twice")]
    Task<int> CountTwiceAsync();

    [Alias("leave")]
    Task LeaveAsync();

    [Alias("stay")]
    Task StayAsync(TimeSpan time);
}

[GenerateSerializer, Alias("test.counted")]
public sealed class Counted
{
    [Id(0)] public int Count { get; set; }
}

/// <summary>The state of the class, without a facet, in the default storage.</summary>
[GrainType("classic"), KeepAlive]
public sealed class ClassicGrain : Grain<Counted>, IClassicGrain
{
    public async Task<int> CountAsync()
    {
        State.Count++;
        await WriteStateAsync();
        return State.Count;
    }

    public async Task<int> CountTwiceAsync()
    {
        // The first write has not begun when the second is asked for: they are one.
        State.Count++;
        var first = WriteStateAsync();
        State.Count++;
        var second = WriteStateAsync();
        await Task.WhenAll(first, second);
        return ReferenceEquals(first, second) ? State.Count : -1;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task StayAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }
}

[Alias("test.plain-grain")]
public interface IPlainGrain : IGrainWithIntegerCompoundKey
{
    [Alias("hold")]
    Task HoldAsync(string gate);

    [Alias("key")]
    Task<string> KeyAsync();
}

/// <summary>A grain that derives from nothing, and lets calls in by a predicate.</summary>
[GrainType("plain"), MayInterleave(nameof(MayInterleave))]
public sealed class PlainGrain(IGrainContext context, Probe probe) : IGrainBase, IPlainGrain
{
    public IGrainContext GrainContext => context;

    public static bool MayInterleave(Orleans.Serialization.Invocation.IInvokable call) => call.GetMethodName() == nameof(KeyAsync);

    public Task OnActivateAsync(CancellationToken token)
    {
        probe.Say("activated plain");
        return Task.CompletedTask;
    }

    public Task HoldAsync(string gate)
    {
        probe.Say($"holds {gate}");
        return probe.PassAsync(gate);
    }

    public Task<string> KeyAsync()
    {
        var number = context.GrainId.GetIntegerKey(out var extension);
        return Task.FromResult($"{number} {extension}");
    }
}
