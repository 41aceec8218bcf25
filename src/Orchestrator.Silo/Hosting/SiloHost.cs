using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Grains.Simulations;
using Orchestrator.Silo.Gateway;
using Orchestrator.Silo.Hooks;
using Orchestrator.Silo.Power;

namespace Orchestrator.Silo;

/// <summary>One silo with its gateway: what <c>orchestrator up</c> runs.</summary>
public sealed class SiloHost : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly SiloConfiguration configuration;

    private SiloHost(WebApplication application, SiloConfiguration configuration)
    {
        this.application = application;
        this.configuration = configuration;
    }

    /// <summary>Where the gateway answers; null before the start.</summary>
    public EndpointFile? Endpoint => application.Services.GetRequiredService<EndpointPublisher>().Endpoint;

    /// <summary>Absolute.</summary>
    public string DataDirectory => configuration.DataDirectory;

    internal IServiceProvider Services => application.Services;

    /// <summary>Runs a silo until it is told to end, by <paramref name="cancellationToken"/>, a signal or a request, or is idle where that was asked for.</summary>
    /// <exception cref="SiloStartException">It did not start.</exception>
    public static async Task RunAsync(SiloSettings settings, CancellationToken cancellationToken = default)
    {
        await using var host = Build(settings);
        await host.StartAsync(cancellationToken);
        await host.WaitForEndAsync(cancellationToken);
    }

    /// <summary>Reads the configuration, makes the data directory, and puts the silo together; nothing runs yet.</summary>
    /// <exception cref="SiloStartException">A configuration value is not allowed, or a directory cannot be made or written.</exception>
    public static SiloHost Build(SiloSettings settings) => Build(settings, static _ => { });

    /// <param name="settings">What the command line says.</param>
    /// <param name="measure">Puts what measures in the place of what is measured.</param>
    internal static SiloHost Build(SiloSettings settings, Action<IServiceCollection> measure)
    {
        var configuration = SiloConfiguration.Read(settings);
        MakeDataDirectory(configuration.DataDirectory);
        var socket = new GatewaySocket(SocketPlace.Choose(configuration.DataDirectory));
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "orchestrator", ContentRootPath = configuration.DataDirectory });
        builder.Configuration.AddConfiguration(configuration.Configuration);
        Log(builder, settings, configuration);

        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(configuration);
        services.AddSingleton(socket);
        services.AddSingleton<SiloIdentity>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.Gateway.Drain + TimeSpan.FromSeconds(30));
        if (!settings.HandleSignals)
        {
            services.AddSingleton<IHostLifetime, QuietLifetime>();
        }

        services.Configure<ConsoleLifetimeOptions>(static options => options.SuppressStatusMessages = true);
        services.PostConfigure<Grains.Clusters.ClusterOptions>(options => options.Scheduling = configuration.Scheduling);
        services.AddHook(configuration.Hook, configuration.DataDirectory);
        services.AddScenarioJudge(configuration.DataDirectory);
        services.AddNodeSwitch(configuration.Power, configuration.DataDirectory);
        measure(services);
        builder.UseOrleans(silo => SiloComposition.Compose(silo, configuration));

        // After storage, which opens the database first; before the web server, which is the last to start.
        services.AddSingleton<EndpointPublisher>();
        services.AddHostedService(static provider => provider.GetRequiredService<EndpointPublisher>());
        services.AddSingleton<IdleEnd>();
        services.AddHostedService(static provider => provider.GetRequiredService<IdleEnd>());
        services.AddHostedService<WakeUp>();
        services.AddSingleton<StoreCollection>();
        services.AddHostedService(static provider => provider.GetRequiredService<StoreCollection>());
        services.AddSingleton<ICheckpointFiles>(provider => new CheckpointFilesOnDisk(configuration.DataDirectory, provider.GetRequiredService<StoreCollection>().Ask));
        services.AddSingleton<IRunFiles>(new RunFilesOnDisk(configuration.DataDirectory));
        services.AddGateway();
        Listen(builder.WebHost, configuration, socket);
        try
        {
            var application = builder.Build();
            application.MapGateway();
            return new(application, configuration);
        }
        catch (Exception error) when (error is not SiloStartException)
        {
            throw SiloStartException.From(error, configuration);
        }
    }

    /// <summary>Opens the database, starts the grains and the gateway, and returns once it answers.</summary>
    /// <exception cref="SiloStartException">It did not start; everything it had taken is given back.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            await GiveBackAsync();
            throw SiloStartException.From(error, configuration);
        }
    }

    /// <summary>Returns after the silo has ended in order.</summary>
    public Task WaitForEndAsync(CancellationToken cancellationToken = default) => application.WaitForShutdownAsync(cancellationToken);

    /// <summary>Ends it in order: requests finish, grains store what they hold, the database closes.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => application.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task GiveBackAsync()
    {
        try
        {
            await application.StopAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // What never started may fail to stop; why it did not start is what is told.
            SiloLog.StopAfterFailedStartFailed(application.Logger, error);
        }

        await DisposeAsync();
    }

    private static void Log(WebApplicationBuilder builder, SiloSettings settings, SiloConfiguration configuration)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Orleans", LogLevel.Warning);

        // Whoever stops waiting for an answer is not worth a line.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        try
        {
            builder.Logging.AddProvider(new LogFile(Path.Combine(configuration.DataDirectory, "logs", "up.log"), TimeProvider.System));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException(SiloStartFailure.DirectoryNotWritable, $"The data directory {configuration.DataDirectory} cannot be written: {error.Message}", error);
        }

        if (settings.ConsoleLogLevel is { } level)
        {
            builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
            builder.Logging.AddFilter<Microsoft.Extensions.Logging.Console.ConsoleLoggerProvider>(null, level);
        }
    }

    private static void MakeDataDirectory(string directory)
    {
        try
        {
            PrivateFiles.MakeDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException(SiloStartFailure.DirectoryNotWritable, $"The data directory {directory} cannot be made: {error.Message}", error);
        }
    }

    private static void Listen(IWebHostBuilder web, SiloConfiguration configuration, GatewaySocket socket)
    {
        var gateway = configuration.Gateway;
        web.UseKestrelCore();
        if (gateway.Certificate is not null)
        {
            web.UseKestrelHttpsConfiguration();
        }

        web.UseShutdownTimeout(gateway.Drain);
        web.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = gateway.RequestBodyMax;
            options.ListenUnixSocket(socket.Path, static listen => listen.Use(static next => connection =>
            {
                connection.Features.Set(OwnerConnection.Instance);
                return next(connection);
            }));
            if (gateway.Port is { } port)
            {
                options.Listen(IPAddress.Parse(gateway.Address), port, listen =>
                {
                    if (gateway.Certificate is { } certificate)
                    {
                        listen.UseHttps(Load(certificate, gateway.CertificateKey));
                    }
                });
            }
        });
    }

    private static X509Certificate2 Load(string certificate, string? key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new SiloStartException(
                SiloStartFailure.Configuration, $"{GatewayOptions.Section}:{nameof(GatewayOptions.Certificate)} {certificate} cannot be used: {error.Message} A PEM file with its key is allowed.", error);
        }
    }

    /// <summary>The program around the silo says when it ends.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
