using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Keeps grain states in a database, in the rows that Orleans' own AdoNet storage would read and write.</summary>
internal sealed partial class AdoNetGrainStorage(string name, AdoNetGrainStorageOptions options, ClusterOptions cluster, ILogger<AdoNetGrainStorage> logger)
    : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private const string Write = "WriteToStorageKey";
    private const string Read = "ReadFromStorageKey";
    private const string Clear = "ClearStorageKey";
    private const string Delete = "DeleteStorageKey";

    private AdoNetDatabase? opened;

    private AdoNetDatabase Database => opened ?? throw new InvalidOperationException($"Grain storage {name} is used before the silo has started.");

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe($"{nameof(AdoNetGrainStorage)}-{name}", options.InitStage, OpenAsync, static _ => Task.CompletedTask);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = AdoNetGrainKey.Of(grainId);
        var rows = await Database.ReadAsync(Read, command => BindKey(command, stateName, grainId, key, grainState), static row =>
        {
            var payload = row.GetValue(row.GetOrdinal("PayloadBinary"));
            return (Payload: payload is DBNull ? null : (byte[])payload, Version: row.Int32OrNull("Version"));
        }).ConfigureAwait(false);
        var (payload, version) = rows.SingleOrDefault();
        grainState.State = payload is null ? Activator.CreateInstance<T>() : options.GrainStorageSerializer.Deserialize<T>(new BinaryData(payload))!;
        grainState.ETag = version?.ToString(CultureInfo.InvariantCulture)!;
        grainState.RecordExists = payload is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = options.GrainStorageSerializer.Serialize(grainState.State).ToArray();
        grainState.ETag = await ChangeAsync("WriteState", Write, stateName, grainId, grainState, payload).ConfigureAwait(false);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!grainState.RecordExists && string.IsNullOrWhiteSpace(grainState.ETag))
        {
            await ReadStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
            if (!grainState.RecordExists)
            {
                return;
            }
        }

        var version = await ChangeAsync("ClearState", options.DeleteStateOnClear ? Delete : Clear, stateName, grainId, grainState, null).ConfigureAwait(false);
        grainState.ETag = options.DeleteStateOnClear ? null! : version;
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    /// <summary>Changes a row that has the version which the grain knows, and returns the new version.</summary>
    /// <exception cref="InconsistentStateException">The row has another version: another activation wrote.</exception>
    private async Task<string> ChangeAsync<T>(string operation, string statement, string stateName, GrainId grainId, IGrainState<T> grainState, byte[]? payload)
    {
        var key = AdoNetGrainKey.Of(grainId);
        var known = string.IsNullOrWhiteSpace(grainState.ETag) ? (int?)null : int.Parse(grainState.ETag, CultureInfo.InvariantCulture);
        var versions = await Database.ReadAsync(statement, command =>
        {
            BindKey(command, stateName, grainId, key, grainState);
            command.Add("GrainStateVersion", known, DbType.Int32);
            if (payload is not null)
            {
                command.Add("PayloadBinary", payload, DbType.Binary);
            }
        }, static row => row.Int32OrNull("NewGrainStateVersion")).ConfigureAwait(false);
        var version = versions.SingleOrDefault();

        // The statement answers the version that it was given, or none, when it changed nothing.
        return version is null || version == known
            ? throw new InconsistentStateException($"Version conflict ({operation}): ServiceId={cluster.ServiceId} ProviderName={name} GrainType={stateName} GrainId={key.Text} ETag={grainState.ETag}.")
            : version.Value.ToString(CultureInfo.InvariantCulture);
    }

    private void BindKey<T>(DbCommand command, string stateName, GrainId grainId, AdoNetGrainKey key, IGrainState<T> grainState)
    {
        var hasher = options.HashPicker.PickHasher(cluster.ServiceId, name, stateName, grainId, grainState)
            ?? throw new InvalidOperationException($"Grain storage {name} has no hash for {grainId}.");
        command.Add("GrainIdHash", hasher.Hash(key.HashBytes()), DbType.Int32);
        command.Add("GrainIdN0", key.N0, DbType.Int64);
        command.Add("GrainIdN1", key.N1, DbType.Int64);
        command.Add("GrainTypeHash", hasher.Hash(Encoding.UTF8.GetBytes(stateName)), DbType.Int32);
        command.Add("GrainTypeString", stateName, DbType.String);
        command.Add("GrainIdExtensionString", key.Extension, DbType.String);
        command.Add("ServiceId", cluster.ServiceId, DbType.String);
    }

    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        var database = await AdoNetDatabase.OpenAsync(options.Invariant, options.ConnectionString, options.DataSource, Write, Read, Clear).ConfigureAwait(false);
        if (options.DeleteStateOnClear && !database.Has(Delete))
        {
            throw new ArgumentException($"{nameof(options.DeleteStateOnClear)}=true is not supported. Use {nameof(options.DeleteStateOnClear)}=false instead or check persistence scripts.");
        }

        opened = database;
        LogOpened(logger, name, options.Invariant, cluster.ServiceId);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Grain storage {Name} opened its database ({Invariant}) for service {ServiceId}.")]
    private static partial void LogOpened(ILogger logger, string name, string invariant, string serviceId);
}
