using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Cli;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Silo;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>What is wrong with the input or the machine is told in one clear line each, and nothing is lost by it (invariant 12).</summary>
public sealed class RefusalTests
{
    /// <summary>Ends when a file is there.</summary>
    private static string Waiting(string name, string data) => $$"""
        name: {{name}}
        project: tests/refusals
        stages:
          only:
            run: while [ ! -e {{data}}/go ]; do sleep 0.1; done; echo done > out
            memory: 16M
            duration: 1s
            outputs: [out]
        """;

    [Fact]
    public async Task A_file_with_five_mistakes_gets_a_line_for_each_and_submits_nothing()
    {
        using var deployment = new Deployment(window: 5);
        deployment.StartSilo();
        await deployment.Client.GetStatusAsync(deployment.Token);
        var file = Path.Combine(deployment.Data, "five.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            name: five
            project: tests/refusals
            stages:
              first:
                run: model --years {years}
                nodes: 0
                colour: red
              second:
                after: fist
                run: model
                memory: 12 apples
            """,
            deployment.Token);
        var before = (await deployment.EventsAsync()).Count;

        var refused = await deployment.RunAsync("submit", file);

        refused.Status.ShouldBe(ExitCodes.Unreadable, refused.Error);
        refused.Output.ShouldBeEmpty();
        (int Line, string Field)[] mistakes = [(5, "stages.first.run"), (6, "stages.first.nodes"), (7, "stages.first.colour"), (9, "stages.second.after"), (11, "stages.second.memory")];
        foreach (var (line, field) in mistakes)
        {
            var told = refused.Errors.Where(error => error.StartsWith($"{file}:{line.ToString(CultureInfo.InvariantCulture)}:", StringComparison.Ordinal)).ShouldHaveSingleItem(refused.Error);
            told.ShouldContain(field);
            told.ShouldContain("; allowed: ");
        }

        refused.Errors.Length.ShouldBeLessThanOrEqualTo(6, refused.Error);
        (await deployment.Client.ListCampaignsAsync(deployment.Token).ToListAsync(deployment.Token)).ShouldBeEmpty();
        (await deployment.EventsAsync()).Count.ShouldBe(before);
        Directory.Exists(Path.Combine(deployment.Data, "runs")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_second_silo_and_a_second_agent_on_the_same_data_are_refused_and_the_first_go_on()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");
        await deployment.SubmitAsync(Waiting("held", deployment.Data));
        await deployment.StageEventAsync("s-held", "only", EventKinds.StageStarted);

        (await deployment.RunAsync("up")).ShouldBeOneLine((int)SiloStartFailure.DataDirectoryInUse, deployment.Data);
        (await deployment.RunAsync("agent", "--node", "one")).ShouldBeOneLine(ExitCodes.Refused, "n-one");

        await File.WriteAllTextAsync(Path.Combine(deployment.Data, "go"), "", deployment.Token);
        var simulation = await deployment.EndOfAsync("s-held");
        simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
        simulation.Stages[0].Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task A_port_in_use_and_a_directory_that_cannot_be_written_are_named()
    {
        using var deployment = new Deployment(window: 5);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var file = Path.Combine(deployment.Data, "file");
        await File.WriteAllTextAsync(file, "", deployment.Token);

        (await deployment.RunAsync("up", "--port", port)).ShouldBeOneLine((int)SiloStartFailure.AddressNotAvailable, port, "--port");
        (await CommandResult.RunAsync(["up", "--data", "/proc/nowhere"], deployment.Token)).ShouldBeOneLine((int)SiloStartFailure.DirectoryNotWritable, "/proc/nowhere");
        (await CommandResult.RunAsync(["up", "--data", Path.Combine(file, "data")], deployment.Token)).ShouldBeOneLine((int)SiloStartFailure.DirectoryNotWritable, file);
        (await CommandResult.RunAsync(["agent", "--node", "one", "--data", "/proc/nowhere"], deployment.Token)).ShouldBeOneLine(ExitCodes.Unreadable, "/proc/nowhere");

        File.Exists(Path.Combine(deployment.Data, "gateway.json")).ShouldBeFalse();
        await deployment.StartAsync("one");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task A_damaged_database_is_named_and_left_as_it_is(int position)
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");
        (await deployment.RunAsync("down")).Status.ShouldBe(0);
        await deployment.Processes.WaitForExitAsync("up", deployment.Token);
        var database = Path.Combine(deployment.Data, "orchestrator.db");
        using (var stream = new FileStream(database, FileMode.Open, FileAccess.Write))
        {
            stream.Position = position;
            stream.Write(Enumerable.Repeat((byte)0x5a, (int)Math.Min(stream.Length - position, 64 * 1024)).ToArray());
        }

        var damaged = await File.ReadAllBytesAsync(database, deployment.Token);

        (await deployment.RunAsync("up")).ShouldBeOneLine((int)SiloStartFailure.DatabaseDamaged, database);

        (await File.ReadAllBytesAsync(database, deployment.Token)).ShouldBe(damaged);
    }

    [Fact]
    public async Task An_unknown_program_and_a_run_directory_that_cannot_be_written_end_their_stages_with_the_reason_and_the_rest_goes_on()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");
        Directory.CreateDirectory(Path.Combine(deployment.Data, "runs"));
        await File.WriteAllTextAsync(Path.Combine(deployment.Data, "runs", "s-blocked"), "", deployment.Token);
        await File.WriteAllTextAsync(Path.Combine(deployment.Data, "go"), "", deployment.Token);

        await deployment.SubmitAsync("""
            name: unknown
            project: tests/refusals
            stages: { only: { run: "no-such-model --years 3", retries: 0, recovery: { waits: 0 }, memory: 16M, duration: 1s } }
            """);
        await deployment.SubmitAsync(Waiting("blocked", deployment.Data).Replace("memory:", "retries: 0\n    recovery: { waits: 0 }\n    memory:", StringComparison.Ordinal));
        await deployment.SubmitAsync(Waiting("fine", deployment.Data));

        await ShouldFailAsync(deployment, "s-unknown", "no-such-model", "PATH");
        await ShouldFailAsync(deployment, "s-blocked", Path.Combine(deployment.Data, "runs", "s-blocked"));
        (await deployment.EndOfAsync("s-fine")).Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public async Task A_silo_on_a_full_disk_says_so_and_starts_once_there_is_room()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.MountSmallDiskAsync(4);
        var filler = Fill(deployment);

        var refused = await deployment.RunAsync("up");
        refused.ShouldBeOneLine((int)SiloStartFailure.StorageUnavailable, deployment.Data);

        File.Delete(filler);
        await deployment.StartAsync("one");
    }

    [Fact]
    public async Task A_disk_that_fills_up_under_a_campaign_loses_nothing_of_it()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.MountSmallDiskAsync(24);
        await deployment.StartAsync("one", "two");
        await deployment.SubmitAsync(Waiting("before", deployment.Data));
        await deployment.StageEventAsync("s-before", "only", EventKinds.StageStarted);
        var file = Path.Combine(deployment.Data, "during.yaml");
        await File.WriteAllTextAsync(file, Waiting("during", deployment.Data), deployment.Token);
        var filler = Fill(deployment);

        var refused = await deployment.RunAsync("submit", file);
        refused.ShouldBeOneLine(ExitCodes.NotFound, "disk");
        (await deployment.Client.ListCampaignsAsync(deployment.Token).ToListAsync(deployment.Token)).ShouldHaveSingleItem().Name.ShouldBe("before");

        File.Delete(filler);
        (await deployment.RunAsync("submit", file)).Status.ShouldBe(0);
        await File.WriteAllTextAsync(Path.Combine(deployment.Data, "go"), "", deployment.Token);
        foreach (var simulation in (string[])["s-before", "s-during"])
        {
            var end = await deployment.EndOfAsync(simulation);
            end.Status.ShouldBe(SimulationStatus.Completed, end.Reason);
            end.Stages[0].RetriesUsed.ShouldBe(0);
        }
    }

    private static async Task ShouldFailAsync(Deployment deployment, string simulation, params string[] words)
    {
        var failed = await deployment.EndOfAsync(simulation);
        failed.Status.ShouldBe(SimulationStatus.Failed);
        var why = await deployment.RunAsync("why", simulation);
        foreach (var word in words)
        {
            failed.Reason!.ShouldContain(word);
            why.Output.ShouldContain(word);
        }

        failed.Reason!.ShouldNotContain("\n");
        failed.Reason!.ShouldNotContain("Exception");
        why.Error.ShouldBeEmpty();
    }

    /// <summary>Writes until nothing more fits.</summary>
    private static string Fill(Deployment deployment)
    {
        var path = Path.Combine(deployment.Data, "filler");
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 64 * 1024; size > 0; size /= 16)
        {
            try
            {
                while (true)
                {
                    stream.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full for this size.
            }
        }

        return path;
    }
}
