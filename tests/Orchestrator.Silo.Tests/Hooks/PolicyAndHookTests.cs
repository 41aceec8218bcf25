using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Clusters;

namespace Orchestrator.Silo.Tests.Hooks;

public sealed class PolicyAndHookTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_policy_of_the_configuration_or_of_the_command_line_is_what_clusters_plan_by()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("mine.yaml"), "preset: easy\nrunning_max: 7", Token);

        await using var configured = SiloHost.Build(new() { DataDirectory = directory.Path, Values = [new("Clusters:Policy", "mine.yaml")] });
        await using var typed = SiloHost.Build(new() { DataDirectory = directory.Path, Values = [new("Clusters:Policy", "mine.yaml")], Policy = "conservative" });
        await using var neither = SiloHost.Build(new() { DataDirectory = directory.Path });

        Scheduling(configured).RunningMax.ShouldBe(7);
        Scheduling(configured).Backfill.Kind.ShouldBe(BackfillKind.Easy);
        Scheduling(typed).Backfill.Kind.ShouldBe(BackfillKind.Conservative);
        Scheduling(neither).ShouldBe(new());

        static Core.Scheduling.SchedulingSettings Scheduling(SiloHost host) => host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.Scheduling;
    }

    [Fact]
    public async Task Every_mistake_of_a_policy_is_told_before_anything_starts()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("bad.yaml"), "order: { policy: fifoo }\nrunning_max: 0", Token);

        var error = Should.Throw<SiloStartException>(() => SiloHost.Build(new() { DataDirectory = directory.Path, Policy = directory.File("bad.yaml") }));
        var missing = Should.Throw<SiloStartException>(() => SiloHost.Build(new() { DataDirectory = directory.Path, Values = [new("Clusters:Policy", "none.yaml")] }));

        error.Failure.ShouldBe(SiloStartFailure.Configuration);
        error.Message.Split(Environment.NewLine).ShouldBe(
        [
            $"{directory.File("bad.yaml")}:1:18 order.policy: \"fifoo\" is none of the choices; did you mean \"fifo\"?; allowed: deadline, fair, fifo, priority, weighted",
            $"{directory.File("bad.yaml")}:2:14 running_max: 0 is out of range; allowed: a whole number from 1 to 1000000, or none",
        ]);
        missing.Message.ShouldContain("none.yaml cannot be read");
        File.Exists(directory.File("orchestrator.db")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_hook_is_asked_about_what_waits_and_its_say_and_its_failure_can_be_seen()
    {
        using var directory = new TemporaryDirectory();
        var script = """
            cat > question.new && mv question.new question.json
            test -e broken && exit 9
            sed -E 's/.*"attempt":"([^"]*)".*/{"attempts":[{"attempt":"\1","priority":0.875,"reason":"first"}]}/' question.json
            """;
        await using var silo = await SiloUnderTest.StartAsync(directory, settings => settings with { Values = [new("Hook:Command", script), new("Hook:Every", "00:00:00.2"), new("Hook:TimeLimit", "00:00:30")] });
        using var accepted = await silo.SubmitAsync(Campaigns.Small("ranked", members: 1));

        var said = await UntilAsync(silo, static hook => !hook.Verdicts.IsEmpty);
        await File.WriteAllTextAsync(directory.File("broken"), "", Token);
        var failed = await UntilAsync(silo, static hook => hook.Error.Length > 0);

        said.Verdicts.Values.ShouldHaveSingleItem().ShouldBe(new() { Priority = 0.875, Reason = "first" });
        said.Verdicts.Keys.Single().ShouldStartWith("s-ranked");
        failed.Error.ShouldBe("the command ended with status 9");
        failed.Verdicts.ShouldBe(said.Verdicts);
    }

    private static async Task<HookVerdicts> UntilAsync(SiloUnderTest silo, Func<HookVerdicts, bool> condition)
    {
        CallerContext.Set(CallerContext.System);
        var cluster = silo.Host.Services.GetRequiredService<IGrainFactory>().GetGrain<IClusterGrain>("k-main");
        while (true)
        {
            var hook = (await cluster.GetArrangementsAsync(Token)).Hook;
            if (condition(hook))
            {
                return hook;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }
}
