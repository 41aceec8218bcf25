using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo.Tests;

public sealed class StartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_says_where_it_is_once_it_answers_and_takes_it_back_at_its_end()
    {
        using var directory = new TemporaryDirectory();
        EndpointFile? started = null;
        var silo = await SiloUnderTest.StartAsync(directory, settings => settings with { Started = endpoint => started = endpoint });
        await using (silo)
        {
            var file = JsonSerializer.Deserialize<EndpointFile>(await File.ReadAllBytesAsync(directory.File(EndpointFile.FileName), Token), WireJson.Options)!;

            file.ShouldBe(started);
            file.Socket.ShouldBe(directory.File("gateway.sock"));
            file.Url.ShouldBeNull();
            file.ProcessId.ShouldBe(Environment.ProcessId);
            file.Version.ShouldNotBeEmpty();
            File.GetUnixFileMode(directory.File(EndpointFile.FileName)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            (await silo.Owner.GetStringAsync("/health/live", Token)).ShouldBe("live\n");
            (await silo.Owner.GetStringAsync("/health/ready", Token)).ShouldBe("ready\n");
            File.Exists(directory.File("token")).ShouldBeFalse();
            File.Exists(directory.File("logs/up.log")).ShouldBeTrue();
        }

        File.Exists(directory.File(EndpointFile.FileName)).ShouldBeFalse();
        File.Exists(directory.File("gateway.sock")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_killed_silo_left_is_in_nobodys_way()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File(EndpointFile.FileName), "{ \"processId\": 1 }", Token);
        await File.WriteAllTextAsync(directory.File("gateway.sock"), "nobody listens", Token);
        await using var silo = await SiloUnderTest.StartAsync(directory);

        (await silo.Owner.GetStringAsync("/health/ready", Token)).ShouldBe("ready\n");
    }

    [Fact]
    public async Task A_directory_that_others_enter_or_with_a_long_path_keeps_its_socket_in_the_users_runtime_directory()
    {
        using var directory = new TemporaryDirectory();
        var open = Directory.CreateDirectory(directory.File("open"), (UnixFileMode)0b111_101_101).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)0b111_101_101);
        var deep = Directory.CreateDirectory(directory.File(new string('d', 90)), (UnixFileMode)0b111_000_000).FullName;
        foreach (var data in new[] { open, deep })
        {
            await using var silo = await SiloUnderTest.StartAsync(directory, settings => settings with { DataDirectory = data });

            silo.Endpoint.Socket!.ShouldNotStartWith(directory.Path);
            silo.Endpoint.Socket!.Length.ShouldBeLessThan(100);
            File.GetUnixFileMode(Path.GetDirectoryName(silo.Endpoint.Socket)!).ShouldBe((UnixFileMode)0b111_000_000);
            (await silo.Owner.GetStringAsync("/health/live", Token)).ShouldBe("live\n");
        }
    }

    [Fact]
    public async Task A_second_silo_on_the_same_data_is_refused_and_told_who_holds_it()
    {
        await using var first = await SiloUnderTest.StartAsync();

        var error = await Should.ThrowAsync<SiloStartException>(() => SiloUnderTest.StartAsync(null, settings => settings with { DataDirectory = first.Host.DataDirectory }));

        error.Failure.ShouldBe(SiloStartFailure.DataDirectoryInUse);
        error.ExitCode.ShouldBe(11);
        error.Message.ShouldContain(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        error.Message.ShouldNotContain(Environment.NewLine);
        (await first.Owner.GetStringAsync("/health/ready", Token)).ShouldBe("ready\n");
        File.Exists(Path.Combine(first.Host.DataDirectory, EndpointFile.FileName)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_the_data_directory_is_free_again()
    {
        using var directory = new TemporaryDirectory();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var error = await Should.ThrowAsync<SiloStartException>(() => SiloUnderTest.StartAsync(directory, settings => settings with { Port = port }));

        error.Failure.ShouldBe(SiloStartFailure.AddressNotAvailable);
        error.Message.ShouldBe($"The gateway cannot listen on 127.0.0.1 port {port}: another program listens there. Choose another port with --port, or 0 for any that is free.");
        await using var silo = await SiloUnderTest.StartAsync(directory, settings => settings with { Port = 0 });
        silo.Endpoint.Url!.ShouldStartWith("http://127.0.0.1:");
    }

    [Fact]
    public async Task A_damaged_database_is_named_with_what_to_do()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("orchestrator.db"), new string('x', 4096), Token);

        var error = await Should.ThrowAsync<SiloStartException>(() => SiloUnderTest.StartAsync(directory));

        error.Failure.ShouldBe(SiloStartFailure.DatabaseDamaged);
        error.Message.ShouldContain("orchestrator.db");
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_named()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("file"), "", Token);

        var error = Should.Throw<SiloStartException>(() => SiloHost.Build(new() { DataDirectory = directory.File("file/data") }));

        error.Failure.ShouldBe(SiloStartFailure.DirectoryNotWritable);
        error.Message.ShouldContain(directory.File("file/data"));
    }

    [Fact]
    public async Task Every_configuration_value_that_is_not_allowed_is_named_with_what_is()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(
            directory.File("orchestrator.json"),
            """
            {
              // A comment.
              "Orchestrator": {
                "Gateway": { "Port": 70000, "Drain": "10", "Adress": "127.0.0.1" },
                "Storage": { "Durability": "Sometimes" },
                "Nodos": { "DetectionWindow": "00:00:01" },
              }
            }
            """,
            Token);

        var error = Should.Throw<SiloStartException>(() => SiloHost.Build(new() { DataDirectory = directory.Path, Values = [new("Deployment:Cluster", "main")] }));

        error.Failure.ShouldBe(SiloStartFailure.Configuration);
        var lines = error.Message.Split(Environment.NewLine);
        lines.ShouldContain("Orchestrator:Gateway:Port is 70000; 0 (any free one) to 65535 are allowed.");
        lines.ShouldContain("Orchestrator:Gateway:Drain is \"10\"; a time as [days.]hours:minutes:seconds[.fraction] is allowed, as in 00:00:30.");
        lines.ShouldContain(line => line.StartsWith("Orchestrator:Gateway:Adress is no setting;", StringComparison.Ordinal) && line.Contains("Address", StringComparison.Ordinal));
        lines.ShouldContain("Orchestrator:Storage:Durability is \"Sometimes\"; Full, Normal are allowed.");
        lines.ShouldContain(line => line.StartsWith("Orchestrator:Nodos is no section;", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("Orchestrator:Deployment:Cluster is \"main\";", StringComparison.Ordinal));
        File.Exists(directory.File("orchestrator.db")).ShouldBeFalse();
    }

    [Fact]
    public void An_address_that_others_reach_needs_tls_or_an_explicit_word()
    {
        using var directory = new TemporaryDirectory();

        var error = Should.Throw<SiloStartException>(() => SiloHost.Build(new() { DataDirectory = directory.Path, Port = 0, Address = "0.0.0.0" }));

        error.Failure.ShouldBe(SiloStartFailure.Configuration);
        error.Message.ShouldContain("AllowPlainText");
    }

    [Fact]
    public async Task The_file_that_ships_and_the_example_are_allowed()
    {
        using var directory = new TemporaryDirectory();
        foreach (var name in new[] { "orchestrator.json", "postgresql.example.json" })
        {
            var path = Path.Combine(AppContext.BaseDirectory, "silo-config", name);
            File.Exists(path).ShouldBeTrue();

            var host = SiloHost.Build(new() { DataDirectory = directory.Path, ConfigurationFile = path });
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Over_TCP_nothing_is_answered_without_a_valid_token()
    {
        await using var silo = await SiloUnderTest.StartAsync(null, static settings => settings with { Port = 0 });
        using var client = new HttpClient { BaseAddress = new(silo.Endpoint.Url!) };

        using (var refused = await client.GetAsync("/v1/simulations", Token))
        {
            (await SiloUnderTest.ProblemAsync(refused, 401)).Title.ShouldContain("token");
        }

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "t0123.secret");
        using (var refused = await client.GetAsync("/v1/simulations", Token))
        {
            await SiloUnderTest.ProblemAsync(refused, 401);
        }

        var path = Path.Combine(silo.Host.DataDirectory, EndpointFile.TokenFileName);
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(path, Token)).Trim());
        using var allowed = await client.GetAsync("/v1/simulations", Token);
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetStringAsync("/health/live", Token)).ShouldBe("live\n");
    }

    [Fact]
    public async Task The_token_of_the_local_user_is_kept_over_a_restart()
    {
        using var directory = new TemporaryDirectory();
        await using (await SiloUnderTest.StartAsync(directory, static settings => settings with { Port = 0 }))
        {
        }

        var token = await File.ReadAllTextAsync(directory.File("token"), Token);
        await using var silo = await SiloUnderTest.StartAsync(directory, static settings => settings with { Port = 0 });

        (await File.ReadAllTextAsync(directory.File("token"), Token)).ShouldBe(token);
    }
}
