using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Storage.InMemory;

namespace Orchestrator.Storage.Tests;

public sealed class HostingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_database_is_open_before_anything_else_of_the_host_starts_and_closed_after_it()
    {
        using var directory = new TemporaryDirectory();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var early = new Witness(directory.File(SqliteDatabase.FileName));
        builder.Services.AddSingleton<IHostedService>(early);
        builder.Services.AddOrchestratorStorage(new StorageOptions { DataDirectory = directory.Path });

        using (var host = builder.Build())
        {
            await host.StartAsync(Token);
            await host.Services.GetRequiredService<ILedger>().AppendAsync("k-one", 0, [new LedgerEntry { Kind = "a", Payload = "{}"u8.ToArray(), At = DateTimeOffset.UnixEpoch }], Token);
            await host.StopAsync(Token);
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        early.HasSeen.ShouldBeTrue();
        File.Exists(directory.File(SqliteDatabase.FileName + "-wal")).ShouldBeFalse();
    }

    [Fact]
    public async Task Adding_storage_twice_adds_it_once()
    {
        using var directory = new TemporaryDirectory();
        var services = new ServiceCollection();
        var options = new StorageOptions { DataDirectory = directory.Path };

        services.AddLogging().AddOrchestratorStorage(options);
        var count = services.Count;
        services.AddOrchestratorStorage(options).AddInMemoryOrchestratorStorage();

        services.Count.ShouldBe(count);
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        provider.GetRequiredService<IEventLog>().ShouldBeOfType<SqlEventLog>();
    }

    [Fact]
    public async Task Several_hosts_of_one_process_share_a_database_that_none_of_them_closes()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        await using (var one = new ServiceCollection().AddLogging().AddOrchestratorStorage(stores.Database).BuildServiceProvider())
        await using (var two = new ServiceCollection().AddLogging().AddOrchestratorStorage(stores.Database).BuildServiceProvider())
        {
            await one.GetRequiredService<IEventLog>().AdvanceAsync("c", "s", 3, Token);
            (await two.GetRequiredService<IEventLog>().CursorAsync("c", "s", Token)).ShouldBe(3);
        }

        (await stores.Events.CursorAsync("c", "s", Token)).ShouldBe(3);
    }

    [Fact]
    public async Task What_is_past_its_retention_goes_while_the_host_runs()
    {
        using var directory = new TemporaryDirectory();
        var clock = new ManualClock();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<TimeProvider>(clock);
        using var pruned = new LogWitness(1709);
        builder.Logging.AddProvider(pruned);
        builder.Services.AddOrchestratorStorage(new StorageOptions { DataDirectory = directory.Path });
        using var host = builder.Build();
        await host.StartAsync(Token);
        await clock.TimerArmedAsync(Token);
        var events = host.Services.GetRequiredService<IEventLog>();
        await events.AppendAsync([new EventDraft { Source = "s-1", Sequence = 1, Kind = "a", At = clock.GetUtcNow(), Payload = "{}"u8.ToArray() }], Token);
        await host.Services.GetRequiredService<IIdempotencyStore>().ClaimAsync("ada", "key", "x"u8.ToArray(), TimeSpan.FromMinutes(1), Token);

        clock.Advance(TimeSpan.FromDays(31));
        await pruned.Seen.WaitAsync(TimeSpan.FromSeconds(20), Token);

        (await events.LastPositionAsync(Token)).ShouldBe(0);
        await host.StopAsync(Token);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private sealed class Witness(string path) : IHostedService
    {
        public bool HasSeen { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            HasSeen = File.Exists(path);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
