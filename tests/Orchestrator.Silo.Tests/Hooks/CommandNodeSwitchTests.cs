using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Ids;
using Orchestrator.Grains.Clusters;
using Orchestrator.Silo.Hooks;
using Orchestrator.Silo.Power;

namespace Orchestrator.Silo.Tests.Hooks;

public sealed class CommandNodeSwitchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_command_is_told_which_node_is_to_be_switched_and_how()
    {
        using var directory = new TemporaryDirectory();
        var power = Switch(directory, "echo $ORCHESTRATOR_NODE $ORCHESTRATOR_POWER >> said");

        await power.SwitchAsync(new NodeId("n-one"), on: false, Token);
        await power.SwitchAsync(new NodeId("n-one"), on: true, Token);

        (await File.ReadAllLinesAsync(Path.Combine(directory.Path, "said"), Token)).ShouldBe(["n-one off", "n-one on"]);
    }

    [Fact]
    public async Task A_command_that_fails_or_hangs_is_a_fault_so_that_it_is_tried_again()
    {
        using var directory = new TemporaryDirectory();

        (await Should.ThrowAsync<HookFailedException>(() => Switch(directory, "echo no such host >&2; exit 3").SwitchAsync(new NodeId("n-one"), true, Token))).Message.ShouldContain("status 3: no such host");
        (await Should.ThrowAsync<HookFailedException>(() => Switch(directory, "sleep 600", TimeSpan.FromMilliseconds(300)).SwitchAsync(new NodeId("n-one"), true, Token))).Message.ShouldContain("longer than");
    }

    [Fact]
    public async Task A_silo_has_a_switch_when_its_configuration_says_so_and_none_by_default()
    {
        using var directory = new TemporaryDirectory();
        using var other = new TemporaryDirectory();
        await File.WriteAllTextAsync(
            Path.Combine(directory.Path, "orchestrator.json"),
            """{ "Orchestrator": { "Power": { "Command": "true" }, "Clusters": { "SubmitterPriorityMax": 0.7, "SubmitterClassMax": "critical", "SubmitterReservationMax": "2.00:00:00" } } }""",
            Token);

        var with = SiloConfiguration.Read(new() { DataDirectory = directory.Path });
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddNodeSwitch(with.Power, directory.Path);

        services.BuildServiceProvider().GetService<INodeSwitch>().ShouldBeOfType<CommandNodeSwitch>();
        SiloConfiguration.Read(new() { DataDirectory = other.Path }).Power.Command.ShouldBeNull();
    }

    private static CommandNodeSwitch Switch(TemporaryDirectory directory, string command, TimeSpan? limit = null) =>
        new(new() { Command = command, TimeLimit = limit ?? TimeSpan.FromSeconds(30) }, directory.Path, TimeProvider.System);
}
