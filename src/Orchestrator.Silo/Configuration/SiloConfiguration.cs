using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core.Scheduling;
using Orchestrator.Definitions;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Accounts;
using Orchestrator.Grains.Clusters;
using Orchestrator.Grains.Nodes;
using Orchestrator.Grains.Scenarios;
using Orchestrator.Grains.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo;

/// <summary>
/// Everything that configures a silo, checked. Later sources win: the file that ships (<c>silo-config/orchestrator.json</c>), <c>orchestrator.json</c> in the data
/// directory, the file of <c>--config</c>, environment variables (<c>ORCHESTRATOR__GATEWAY__PORT</c>), single values of the command line.
/// </summary>
internal sealed class SiloConfiguration
{
    public const string FileName = "orchestrator.json";

    private const string VariablePrefix = "ORCHESTRATOR__";

    private static readonly string[] Sections =
    [
        StorageOptions.Section, GatewayOptions.Section, EngineOptions.Section, DeploymentOptions.Section, HookOptions.Section, PowerOptions.Section,
        AccessOptions.Section, SimulationOptions.Section, ScenarioOptions.Section, AccountOptions.Section, NodeOptions.Section, ClusterOptions.Section,
    ];

    private SiloConfiguration(IConfigurationRoot configuration, string dataDirectory, StorageOptions storage, GatewayOptions gateway, EngineOptions engine, DeploymentOptions deployment, HookOptions hook, PowerOptions power, SchedulingSettings scheduling)
    {
        Configuration = configuration;
        DataDirectory = dataDirectory;
        Storage = storage;
        Gateway = gateway;
        Engine = engine;
        Deployment = deployment;
        Hook = hook;
        Power = power;
        Scheduling = scheduling;
    }

    public IConfigurationRoot Configuration { get; }

    /// <summary>Absolute.</summary>
    public string DataDirectory { get; }

    public StorageOptions Storage { get; }

    public GatewayOptions Gateway { get; }

    public EngineOptions Engine { get; }

    public DeploymentOptions Deployment { get; }

    public HookOptions Hook { get; }

    public PowerOptions Power { get; }

    /// <summary>By what plans are made.</summary>
    public SchedulingSettings Scheduling { get; }

    /// <exception cref="SiloStartException">A file cannot be read, or a value is not allowed: all of them are named.</exception>
    public static SiloConfiguration Read(SiloSettings settings)
    {
        var dataDirectory = Path.GetFullPath(settings.DataDirectory);
        var builder = new ConfigurationBuilder();
        AddFile(builder, Path.Combine(AppContext.BaseDirectory, "silo-config", FileName), required: false);
        AddFile(builder, Path.Combine(dataDirectory, FileName), required: false);
        if (settings.ConfigurationFile is { } file)
        {
            AddFile(builder, Path.GetFullPath(file), required: true);
        }

        builder.AddInMemoryCollection(Variables());
        builder.AddInMemoryCollection(settings.Values.Select(static pair => KeyValuePair.Create("Orchestrator:" + pair.Key, pair.Value)));
        var configuration = builder.Build();

        var problems = new List<string>();
        problems.AddRange(ConfigurationSections.Unknown(configuration, Sections));
        var storage = ConfigurationSections.Read<StorageOptions>(configuration, StorageOptions.Section, problems);
        var gateway = ConfigurationSections.Read<GatewayOptions>(configuration, GatewayOptions.Section, problems);
        var engine = ConfigurationSections.Read<EngineOptions>(configuration, EngineOptions.Section, problems);
        var deployment = ConfigurationSections.Read<DeploymentOptions>(configuration, DeploymentOptions.Section, problems);
        var hook = ConfigurationSections.Read<HookOptions>(configuration, HookOptions.Section, problems);
        var power = ConfigurationSections.Read<PowerOptions>(configuration, PowerOptions.Section, problems);

        // The grains read and check these by themselves; what is no value of its type is said here, with all the rest.
        ConfigurationSections.Read<AccessOptions>(configuration, AccessOptions.Section, problems);
        ConfigurationSections.Read<SimulationOptions>(configuration, SimulationOptions.Section, problems);
        ConfigurationSections.Read<ScenarioOptions>(configuration, ScenarioOptions.Section, problems);
        ConfigurationSections.Read<AccountOptions>(configuration, AccountOptions.Section, problems);
        ConfigurationSections.Read<NodeOptions>(configuration, NodeOptions.Section, problems);
        var clusters = ConfigurationSections.Read<ClusterOptions>(configuration, ClusterOptions.Section, problems);
        var scheduling = PolicyOf(settings.Policy, clusters.Policy, dataDirectory, problems);
        storage.DataDirectory = dataDirectory;
        gateway.Port = settings.Port ?? gateway.Port;
        gateway.Address = settings.Address ?? gateway.Address;
        problems.AddRange(storage.Validate(new(storage)).Select(static problem => problem.ErrorMessage!));
        problems.AddRange(gateway.Problems());
        problems.AddRange(engine.Problems());
        problems.AddRange(deployment.Problems());
        problems.AddRange(hook.Problems());
        problems.AddRange(power.Problems());
        return problems.Count == 0
            ? new(configuration, dataDirectory, storage, gateway, engine, deployment, hook, power, scheduling)
            : throw new SiloStartException(SiloStartFailure.Configuration, string.Join(Environment.NewLine, problems.Distinct()));
    }

    /// <summary>What the command line says goes before the configuration; the path of the one is relative to where it was typed, of the other to the data directory.</summary>
    private static SchedulingSettings PolicyOf(string? typed, string? configured, string dataDirectory, List<string> problems)
    {
        var name = typed ?? configured;
        if (string.IsNullOrWhiteSpace(name))
        {
            return new();
        }

        if (PolicyFile.Preset(name) is { } preset)
        {
            return preset;
        }

        var path = typed is not null ? Path.GetFullPath(name) : Path.GetFullPath(name, dataDirectory);
        try
        {
            var reading = PolicyFile.Read(File.ReadAllText(path));
            problems.AddRange(reading.Problems.Select(problem => $"{path}:{problem}"));
            return reading.Settings ?? new();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add($"The policy {path} cannot be read: {error.Message} A file, or one of {string.Join(", ", PolicyFile.Presets)} is allowed.");
            return new();
        }
    }

    private static void AddFile(ConfigurationBuilder builder, string path, bool required)
    {
        if (!required && !File.Exists(path))
        {
            return;
        }

        try
        {
            // Read once: nothing is applied to a silo that runs.
            using var content = new MemoryStream(File.ReadAllBytes(path));
            var values = new ConfigurationBuilder().AddJsonStream(content).Build();
            builder.AddInMemoryCollection(values.AsEnumerable().Where(static pair => pair.Value is not null));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or JsonException)
        {
            var detail = error.InnerException is JsonException inner ? inner.Message : error.Message;
            throw new SiloStartException(SiloStartFailure.Configuration, $"The configuration file {path} cannot be read: {detail}", error);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Variables() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase)
        select KeyValuePair.Create("Orchestrator:" + name[VariablePrefix.Length..].Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value);
}
