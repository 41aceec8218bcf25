using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;

namespace LocalEngine.Tests.Engine;

/// <summary>What crosses the boundary of a grain.</summary>
public sealed class CallTests
{
    [Fact]
    public async Task Arguments_and_results_are_copies()
    {
        await using var silo = await Silo.StartAsync();
        var numbers = new List<int> { 7 };

        var answer = await silo.Grains.GetGrain<IProbeGrain>("s-1").AddAsync(numbers);

        numbers.ShouldBe([7]);
        answer.ShouldBe([7, 1]);
    }

    [Fact]
    public async Task What_is_immutable_is_passed_as_it_is()
    {
        await using var silo = await Silo.StartAsync();
        var value = new Sealed { Text = "same" };

        (await silo.Grains.GetGrain<IProbeGrain>("s-1").SameAsync(value)).ShouldBeSameAs(value);
    }

    [Fact]
    public async Task Attributed_errors_reach_the_caller_and_others_are_not_serializable()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        (await Should.ThrowAsync<RefusedException>(() => grain.FailAsync())).Message.ShouldBe("no");
        await Should.ThrowAsync<CodecNotFoundException>(() => grain.FailUntoldAsync());
    }

    [Fact]
    public async Task The_request_context_goes_along_and_not_back()
    {
        await using var silo = await Silo.StartAsync();
        RequestContext.Set("who", "me");

        var seen = await silo.Grains.GetGrain<IProbeGrain>("s-1").ContextAsync("who");

        seen.ShouldBe("me");
        RequestContext.Get("who").ShouldBe("me");
        RequestContext.Clear();
        (await silo.Grains.GetGrain<IProbeGrain>("s-1").ContextAsync("who")).ShouldBeNull();
    }

    [Fact]
    public async Task Filters_see_calls_with_their_source_and_may_change_the_result()
    {
        var seen = new List<string>();
        await using var silo = await Silo.StartAsync(builder => builder.AddIncomingGrainCallFilter(async context =>
        {
            await context.Invoke();
            lock (seen)
            {
                seen.Add($"{context.MethodName} to {context.TargetId} from {(context.SourceId is { } source && !source.IsClient() ? source.ToString() : "client")}");
            }

            if (context.Result is "secret")
            {
                context.Result = "changed";
            }
        }));

        (await silo.Grains.GetGrain<IProbeGrain>("s-1").CallAsync("s-2", "secret")).ShouldBe("changed");

        seen.ShouldBe(["EchoAsync to probe/s-2 from probe/s-1", "CallAsync to probe/s-1 from client"]);
    }

    [Fact]
    public async Task Outgoing_filters_stand_around_the_call()
    {
        var seen = new List<string>();
        await using var silo = await Silo.StartAsync(builder => builder.AddOutgoingGrainCallFilter(async context =>
        {
            RequestContext.Set("token", "t");
            await context.Invoke();
            lock (seen)
            {
                seen.Add($"{context.MethodName}: {context.Result}");
            }
        }));

        (await silo.Grains.GetGrain<IProbeGrain>("s-1").ContextAsync("token")).ShouldBe("t");
        await Should.ThrowAsync<RefusedException>(() => silo.Grains.GetGrain<IProbeGrain>("s-1").FailAsync());

        seen.ShouldBe(["ContextAsync: t"]);
    }

    [Fact]
    public async Task Grains_are_found_by_every_kind_of_reference()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        grain.GetGrainId().ShouldBe(GrainId.Create("probe", "s-1"));
        (await silo.Grains.GetGrain<IProbeGrain>(grain.GetGrainId()).EchoAsync("by id")).ShouldBe("by id");
        (await ((IProbeGrain)silo.Grains.GetGrain(typeof(IProbeGrain), "s-1")).EchoAsync("by type")).ShouldBe("by type");
        grain.AsReference<IProbeGrain>().ShouldBe(grain);
        Should.Throw<ArgumentException>(() => silo.Grains.GetGrain<IWithoutAGrain>("s-1"));
    }

    public interface IWithoutAGrain : IGrainWithStringKey;
}
