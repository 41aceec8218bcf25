using System.Diagnostics;
using System.Text.Json;

namespace Orchestrator.Cli.Tests;

/// <summary>Commands against a silo that runs, without any node: work is accepted and waits.</summary>
public sealed class LiveTests : IAsyncLifetime
{
    private readonly string data = Directory.CreateTempSubdirectory("orchestrator-cli-").FullName;
    private Process? silo;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        silo = CommandLine.Start("up", "--json", "--data", data);
        using var endpoint = JsonDocument.Parse(await silo.StandardOutput.ReadLineAsync(Token) ?? throw new IOException(await silo.StandardError.ReadToEndAsync(Token)));
        endpoint.RootElement.GetProperty("processId").GetInt32().ShouldBe(silo.Id);
    }

    [Fact]
    public async Task A_campaign_is_submitted_shown_explained_paused_resumed_and_cancelled()
    {
        (await RunAsync(0, "submit", "climate.yaml")).ShouldContain("co2-ensemble: submitted, 12 simulations for climate/attribution.");
        (await RunAsync(0, "submit", "climate.yaml")).ShouldContain("nothing changed");
        Json(await RunAsync(0, "status", "--json")).GetProperty("campaigns")[0].GetProperty("name").GetString().ShouldBe("co2-ensemble");
        Json(await RunAsync(0, "status", "co2-ensemble", "--json")).GetProperty("simulations").GetArrayLength().ShouldBe(12);
        (await RunAsync(0, "status", "co2-ensemble")).ShouldContain("s-co2-ensemble-control-1");
        Json(await RunAsync(0, "status", "s-co2-ensemble-control-1", "--json")).GetProperty("stages").GetArrayLength().ShouldBe(3);
        Json(await RunAsync(0, "why", "s-co2-ensemble-control-1", "--json"))[0].GetProperty("explanation").GetProperty("summary").GetString().ShouldNotBeNullOrEmpty();
        await RunAsync(4, "migrate", "s-co2-ensemble-control-1");
        await RunAsync(2, "migrate", "s-co2-ensemble-control-1", "--stage", "nothing");
        (await RunAsync(0, "pause", "s-co2-ensemble-control-1", "--reason", "look first")).ShouldContain("s-co2-ensemble-control-1: paus");
        (await RunAsync(0, "resume", "s-co2-ensemble-control-1")).ShouldContain("s-co2-ensemble-control-1: ");
        Json(await RunAsync(1, "results", "co2-ensemble", "--json")).GetProperty("files").GetArrayLength().ShouldBe(0);
        Json(await RunAsync(0, "cancel", "co2-ensemble", "--json")).GetProperty("name").GetString().ShouldBe("co2-ensemble");
        (await RunAsync(1, "watch", "co2-ensemble")).ShouldContain("co2-ensemble ended: 12 cancelled");
        (await RunAsync(0, "audit", "--action", "simulation.pause")).ShouldContain("s-co2-ensemble-control-1  accepted  look first");
        (await RunAsync(0, "audit", "--since", "1h", "--csv")).ShouldContain(",simulation.pause,s-co2-ensemble-control-1,accepted,look first,");
        Json(await RunAsync(0, "audit", "--subject", "co2-ensemble", "--json"))[0].GetProperty("action").GetString().ShouldBe("campaign.cancel");
        await RunAsync(2, "audit", "--since", "x", "--from", "y", "--csv", "--json");
        await RunAsync(4, "resume", "s-co2-ensemble-control-1");
    }

    [Fact]
    public async Task The_timeline_of_what_waits_says_when_it_is_expected_and_where_that_comes_from()
    {
        await RunAsync(0, "submit", "climate.yaml");

        var report = Json(await RunAsync(0, "timeline", "s-co2-ensemble-control-1", "--json"));

        report.GetProperty("kind").GetString().ShouldBe("timeline");
        var stages = report.GetProperty("tables").GetProperty("stages");
        stages.GetArrayLength().ShouldBe(3);
        stages[0].GetProperty("duration").GetString().ShouldNotBeNull().ShouldStartWith("as estimated: ");
        stages[2].GetProperty("expected_end").GetDateTimeOffset().ShouldBeGreaterThan(stages[0].GetProperty("planned_start").GetDateTimeOffset());
        report.GetProperty("tables").GetProperty("simulations")[0].GetProperty("critical_path").GetString().ShouldNotBeNull().ShouldContain(" > ");
        (await RunAsync(0, "timeline", "co2-ensemble")).ShouldContain("is expected to end");
        (await RunAsync(0, "timeline", "co2-ensemble", "--format", "csv")).ShouldContain("simulation,stage,status,planned_start");
        (await RunAsync(0, "timeline", "s-co2-ensemble-control-1", "--format", "svg")).ShouldStartWith("<svg");
        (await RunAsync(0, "status", "s-co2-ensemble-control-1")).ShouldContain("between");
        await RunAsync(3, "timeline", "nothing");
    }

    [Fact]
    public async Task What_if_a_campaign_were_submitted_is_asked_and_nothing_is()
    {
        var answer = Json(await RunAsync(0, "plan", "--with", "climate.yaml", "--json"));

        answer.GetProperty("addedCampaign").GetString().ShouldBe("co2-ensemble");
        answer.GetProperty("addedOutcome").GetProperty("neverStart").GetInt32().ShouldBeGreaterThan(0, "there are no nodes");
        (await RunAsync(0, "plan", "--with", "climate.yaml")).ShouldContain("co2-ensemble, if it were submitted now: nothing starts");
        Json(await RunAsync(0, "status", "--json")).GetProperty("campaigns").GetArrayLength().ShouldBe(0);
        await RunAsync(0, "submit", "climate.yaml");
        await RunAsync(2, "plan", "--with", "climate.yaml");
    }

    [Fact]
    public async Task Reports_that_were_made_are_kept_and_found_by_their_ids()
    {
        await RunAsync(0, "submit", "climate.yaml");
        var id = Json(await RunAsync(0, "timeline", "co2-ensemble", "--json")).GetProperty("id").GetString()!;

        (await RunAsync(0, "report", "stored")).ShouldContain(id);
        (await RunAsync(0, "report", "stored", id, "--format", "markdown")).ShouldContain("# Timeline of co2-ensemble");
        Json(await RunAsync(0, "report", "stored", id, "--json")).GetProperty("id").GetString().ShouldBe(id);
        await RunAsync(3, "report", "stored", "timeline-000000000000");
        await RunAsync(2, "report", "forecast");
    }

    [Fact]
    public async Task What_is_not_there_exits_3_in_one_line()
    {
        foreach (var command in (string[])["status nothing", "why s-nothing", "logs s-nothing", "cancel nothing", "node drain nothing", "token revoke nothing"])
        {
            var (status, output, error) = await CommandLine.RunAsync([.. command.Split(' '), "--data", data]);

            output.ShouldBeEmpty(command);
            error.Trim().Split('\n').Length.ShouldBe(1, error);
            status.ShouldBe(3, command);
        }
    }

    [Fact]
    public async Task What_is_arranged_is_shown_and_taken_back()
    {
        (await RunAsync(0, "window", "list")).ShouldContain("no maintenance windows");
        (await RunAsync(0, "window", "add", "kernel", "--start", "2031-08-01T08:00:00Z", "--for", "4h", "--severity", "critical")).ShouldContain("kernel: critical, pending, 2031-08-01 08:00:00Z to 2031-08-01 12:00:00Z on all");
        (await RunAsync(0, "window", "list")).ShouldContain("kernel");
        Json(await RunAsync(0, "window", "list", "--json"))[0].GetProperty("window").GetProperty("severity").GetString().ShouldBe("critical");
        (await RunAsync(0, "window", "cancel", "kernel")).ShouldContain("kernel: cancelled");
        (await RunAsync(0, "window", "cancel", "kernel")).ShouldContain("as before");
        (await RunAsync(0, "account", "set", "lab/heat", "--shares", "3", "--guaranteed", "20%", "--budget", "core-hours/hard/month=50", "--running-max", "4")).ShouldContain("core-hours/hard/month  [....................]  0 %  0 of 50");
        (await RunAsync(0, "account", "show", "lab/heat")).ShouldContain("guaranteed 20%");
        Json(await RunAsync(0, "account", "show", "p-lab.heat", "--json")).GetProperty("terms").GetProperty("runningMax").GetInt32().ShouldBe(4);
        await RunAsync(0, "submit", "climate.yaml");
        (await RunAsync(0, "account", "show")).ShouldContain("climate/attribution");
        (await RunAsync(0, "account", "list")).ShouldContain("GUARANTEED");
        (await RunAsync(0, "priority", "co2-ensemble", "high", "--deadline", "+5d")).ShouldContain("co2-ensemble: priority high");
        (await RunAsync(0, "priority", "s-co2-ensemble-control-1", "0.9")).ShouldContain("priority 0.9");
        (await RunAsync(0, "priority", "s-co2-ensemble-control-1", "computed")).ShouldContain("computed again");
        (await RunAsync(0, "reservation", "list")).ShouldContain("no reservations");
        (await RunAsync(0, "reservation", "conflicts", "--open")).ShouldContain("no open conflicts");
        (await RunAsync(0, "priority")).ShouldContain("co2-ensemble");
        (await RunAsync(0, "licence", "set", "ansys=4", "fluent=2")).ShouldContain("fluent");
        Json(await RunAsync(0, "licence", "set", "fluent=none", "--json")).EnumerateObject().Select(static one => (one.Name, one.Value.GetInt32())).ShouldBe([("ansys", 4)]);
        (await RunAsync(0, "energy", "set", "efficiency", "--price", "now=0.2")).ShouldContain("mode: efficiency, set by an operator");
        Json(await RunAsync(0, "energy", "set", "policy", "--tariff", "--json")).GetProperty("savings").GetProperty("nightSavings").GetDouble().ShouldBe(0, "there are no nodes");
        (await RunAsync(0, "policy", "show")).ShouldContain("  overload: false");
        (await RunAsync(0, "plan", "co2-ensemble")).ShouldContain("co2-ensemble");
        (await RunAsync(0, "failures", "list")).ShouldContain("no failures");
        Json(await RunAsync(0, "failures", "list", "--node", "node-3", "--json")).GetProperty("tally").GetProperty("failures").GetInt32().ShouldBe(0);
        Json(await RunAsync(0, "plan", "--json")).TryGetProperty("asItIs", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Bad_input_gets_a_line_for_each_mistake_and_changes_nothing()
    {
        foreach (var (command, expected, words) in ((string, int, string[])[])
        [
            ("window add kernel --start tomorrow --for 5 --severity terrible", 2, ["start: ", "duration: ", "severity: "]),
            ("window add kernel --start +2h", 2, ["end: it is missing"]),
            ("window add kernel --start 2031-08-01T08:00:00Z --end 2031-08-01T07:00:00Z", 2, ["end: "]),
            ("window add kernel --start +1h --for 1h --nodes nowhere", 2, ["nodes: the cluster has no n-nowhere"]),
            ("window cancel nothing", 3, ["there is no window"]),
            ("reservation add r --start +2h --end +1h --project lab/heat --kind whole", 2, ["end: ", "kind: "]),
            ("reservation cancel nothing", 3, ["nothing"]),
            ("priority nothing 0.5", 3, ["nothing"]),
            ("reservation complete nothing", 3, ["nothing"]),
            ("reservation decide nothing newer", 3, ["there is no conflict"]),
            ("reservation decide nothing both", 2, ["allowed: newer, older"]),
            ("policy set", 2, ["--default"]),
            ("licence set ansys=-1 fluent", 2, ["\"ansys=-1\" is not of the form", "\"fluent\" is not"]),
            ("energy set fast --price soon=1 --tariff", 2, ["allowed: performance, balanced", "\"soon\" is no moment"]),
            ("priority nothing", 2, ["VALUE is missing"]),
            ("priority x 1.5", 2, ["value: it is 1.5; allowed: 0 to 1"]),
            ("priority x urgent", 2, ["class: \"urgent\" is not allowed; allowed: background, low, medium, high, critical"]),
            ("account show nobody/nothing", 3, ["p-nobody.nothing"]),
            ("account show nobody", 2, ["names no account"]),
            ("account set lab/heat --shares -1 --maximum 0.1 --guaranteed 0.4", 2, ["shares: ", "maximum: "]),
            ("account set lab/heat --guaranteed 140% --budget core-hours=3 --budget cores/hard/month=3 --running-max many", 2, ["--guaranteed 140%", "--budget core-hours=3", "\"cores\" is not allowed", "--running-max many"]),
            ("plan nothing", 3, ["nothing"]),
            ("plan --move-window kernel +2h --add-nodes -1", 2, ["moveWindows.kernel: ", "addNodes: "]),
            ("plan --move-window kernel", 2, ["where to is missing"]),
        ])
        {
            var (status, output, error) = await CommandLine.RunAsync([.. command.Split(' '), "--data", data]);

            status.ShouldBe(expected, $"{command}: {error}");
            output.ShouldBeEmpty();
            error.ShouldNotContain("   at ");
            foreach (var word in words)
            {
                error.ShouldContain(word);
            }
        }

        (await RunAsync(0, "window", "list")).ShouldContain("no maintenance windows");
    }

    [Fact]
    public async Task A_token_is_alone_on_standard_output_and_can_be_revoked()
    {
        var secret = (await RunAsync(0, "token", "create", "alice", "--institution", "eth", "--lifetime", "30d")).Trim();
        var id = secret.Split('.')[0];
        secret.Split('.').Length.ShouldBe(2);

        Json(await RunAsync(0, "token", "list", "--json")).EnumerateArray().Select(static token => token.GetProperty("id").GetString()).ShouldContain(id);
        await RunAsync(0, "token", "revoke", id);

        (await RunAsync(0, "token", "list")).ShouldContain("revoked");
    }

    [Fact]
    public async Task A_backup_is_written_once_and_a_second_silo_is_refused()
    {
        var copy = Path.Combine(data, "copy.db");

        await RunAsync(0, "backup", copy);
        await RunAsync(2, "backup", copy);
        var (second, _, error) = await CommandLine.RunAsync("up", "--data", data);

        new FileInfo(copy).Length.ShouldBeGreaterThan(0);
        second.ShouldBe(11);
        error.ShouldNotContain("   at ");
    }

    public async ValueTask DisposeAsync()
    {
        if (silo is not null)
        {
            if (!silo.HasExited)
            {
                await CommandLine.RunAsync("down", "--data", data);
                await silo.WaitForExitAsync(CancellationToken.None);
            }

            silo.ExitCode.ShouldBe(0);
            silo.Dispose();
        }

        Directory.Delete(data, recursive: true);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var (status, output, error) = await CommandLine.RunAsync([.. arguments, "--data", data]);
        status.ShouldBe(expected, $"{string.Join(' ', arguments)}: {error}");
        error.ShouldNotContain("   at ");
        return output;
    }
}
