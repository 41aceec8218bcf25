using Orleans.Configuration;
using Orleans.Hosting;

namespace LocalEngine.Tests.Engine;

/// <summary>One turn at a time, and who may come between.</summary>
public sealed class TurnTests
{
    [Fact]
    public async Task Calls_answer_with_tasks_and_value_tasks()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        (await grain.EchoAsync("hello")).ShouldBe("hello");
        (await grain.SumAsync(2, 3)).ShouldBe(5);
    }

    [Fact]
    public async Task Turns_of_one_activation_never_mix()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        var counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.CountSlowlyAsync()));

        counts.Order().ShouldBe(Enumerable.Range(1, 200));
    }

    [Fact]
    public async Task Only_interleaving_calls_overtake_an_ordinary_one()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");
        var held = grain.HoldAsync("a");
        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");
        (await silo.Probe.NextAsync()).ShouldBe("holds a");

        var ordinary = grain.EchoAsync("later");
        (await grain.InterleaveAsync("now")).ShouldBe("now");

        ordinary.IsCompleted.ShouldBeFalse();
        silo.Probe.Open("a");
        await held;
        (await ordinary).ShouldBe("later");
    }

    [Fact]
    public async Task Read_only_calls_run_beside_each_other_and_not_beside_others()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");
        await grain.EchoAsync("awake");
        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");

        var first = grain.ReadAsync("a");
        (await silo.Probe.NextAsync()).ShouldBe("reads a");
        var ordinary = grain.EchoAsync("ordinary");
        var second = grain.ReadAsync("b");
        (await silo.Probe.NextAsync()).ShouldBe("reads b");

        ordinary.IsCompleted.ShouldBeFalse();
        silo.Probe.Open("a");
        silo.Probe.Open("b");
        (await Task.WhenAll(first, second)).ShouldBe(["a", "b"]);
        (await ordinary).ShouldBe("ordinary");
    }

    [Fact]
    public async Task A_reentrant_grain_lets_every_call_in()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IReentrantGrain>("s-1");

        var held = grain.HoldAsync("a");
        await grain.OpenAsync("a");

        await held;
    }

    [Fact]
    public async Task A_call_chain_comes_back_only_where_it_is_allowed()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        (await grain.LoopAsync("s-2", allow: true)).ShouldBe("back again");
        await Should.ThrowAsync<TimeoutException>(() => grain.LoopAsync("s-2", allow: false));
    }

    [Fact]
    public async Task Stateless_workers_run_as_many_at_once_as_they_may()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IWorkerGrain>(0);

        var calls = Enumerable.Range(0, 3).Select(_ => grain.MeetAsync("a")).ToList();
        (await silo.Probe.NextAsync()).ShouldBe("met a");
        (await silo.Probe.NextAsync()).ShouldBe("met a");

        silo.Probe.IsSilent.ShouldBeTrue();
        silo.Probe.Open("a");
        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task A_caller_waits_no_longer_than_the_time_out_and_the_call_goes_on()
    {
        await using var silo = await Silo.StartAsync(builder => builder.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(20)));
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        await Should.ThrowAsync<TimeoutException>(() => grain.SlowAsync("a"));

        silo.Probe.Open("a");
        (await grain.EchoAsync("still there")).ShouldBe("still there");
    }

    [Fact]
    public async Task A_cancelled_caller_returns_and_the_callee_sees_it()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");
        using var cancellation = new CancellationTokenSource();
        var call = grain.WaitAsync(cancellation.Token);
        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");
        (await silo.Probe.NextAsync()).ShouldBe("waits");

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        (await silo.Probe.NextAsync()).ShouldBe("saw the cancellation");
    }

    [Fact]
    public async Task One_way_calls_arrive_and_their_errors_vanish()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        await grain.FailingNudgeAsync();
        await grain.NudgeAsync("nudged");

        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");
        (await silo.Probe.NextAsync()).ShouldBe("nudged");
    }
}
