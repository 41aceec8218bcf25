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
        (await RunAsync(0, "pause", "s-co2-ensemble-control-1", "--reason", "look first")).ShouldContain("s-co2-ensemble-control-1: paus");
        (await RunAsync(0, "resume", "s-co2-ensemble-control-1")).ShouldContain("s-co2-ensemble-control-1: ");
        Json(await RunAsync(1, "results", "co2-ensemble", "--json")).GetProperty("files").GetArrayLength().ShouldBe(0);
        Json(await RunAsync(0, "cancel", "co2-ensemble", "--json")).GetProperty("name").GetString().ShouldBe("co2-ensemble");
        (await RunAsync(1, "watch", "co2-ensemble")).ShouldContain("co2-ensemble ended: 12 cancelled");
        await RunAsync(4, "resume", "s-co2-ensemble-control-1");
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
