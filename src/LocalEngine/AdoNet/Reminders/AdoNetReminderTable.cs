using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.Runtime.ReminderService;

/// <summary>Keeps reminders in a database, in the rows that Orleans' own AdoNet table would read and write.</summary>
internal sealed class AdoNetReminderTable(IOptions<AdoNetReminderTableOptions> options, IOptions<ClusterOptions> cluster) : IReminderTable
{
    private readonly string serviceId = cluster.Value.ServiceId;
    private AdoNetDatabase? opened;

    private AdoNetDatabase Database => opened ?? throw new InvalidOperationException("The reminder table is used before the silo has started.");

    public async Task Init() => opened = await AdoNetDatabase.OpenAsync(options.Value.Invariant!, options.Value.ConnectionString, options.Value.DataSource,
        "ReadReminderRowsKey", "ReadReminderRowKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "UpsertReminderRowKey", "DeleteReminderRowKey", "DeleteReminderRowsKey").ConfigureAwait(false);

    public async Task<ReminderTableData> ReadRows(GrainId grainId) => new(await Database.ReadAsync("ReadReminderRowsKey", command =>
    {
        command.Add("ServiceId", serviceId, DbType.String);
        command.Add("GrainId", grainId.ToString(), DbType.String);
    }, Entry).ConfigureAwait(false));

    // The column holds the hash as a signed number, so its order decides whether the range goes through the ring's zero.
    public async Task<ReminderTableData> ReadRows(uint begin, uint end) => new(await Database.ReadAsync((int)begin < (int)end ? "ReadRangeRows1Key" : "ReadRangeRows2Key", command =>
    {
        command.Add("ServiceId", serviceId, DbType.String);
        command.Add("BeginHash", (int)begin, DbType.Int32);
        command.Add("EndHash", (int)end, DbType.Int32);
    }, Entry).ConfigureAwait(false));

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var rows = await Database.ReadAsync("ReadReminderRowKey", command => BindKey(command, grainId, reminderName), Entry).ConfigureAwait(false);
        return rows.FirstOrDefault();
    }

    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        // A time without a kind is UTC, as every stored time.
        entry.StartAt = entry.StartAt.Kind is DateTimeKind.Unspecified ? DateTime.SpecifyKind(entry.StartAt, DateTimeKind.Utc) : entry.StartAt;
        var versions = await Database.ReadAsync("UpsertReminderRowKey", command =>
        {
            BindKey(command, entry.GrainId, entry.ReminderName);
            command.Add("GrainHash", (int)entry.GrainId.GetUniformHashCode(), DbType.Int32);
            command.Add("StartTime", entry.StartAt, DbType.DateTime);
            var period = (long)entry.Period.TotalMilliseconds;
            command.Add("Period", period, period <= int.MaxValue ? DbType.Int32 : DbType.Int64);
        }, static row => row.Int32OrNull("Version")).ConfigureAwait(false);
        return versions.Single()!.Value.ToString(CultureInfo.InvariantCulture);
    }

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        var counts = await Database.ReadAsync("DeleteReminderRowKey", command =>
        {
            BindKey(command, grainId, reminderName);
            command.Add("Version", int.Parse(eTag, CultureInfo.InvariantCulture), DbType.Int32);
        }, static row => Convert.ToBoolean(row.GetValue(0), CultureInfo.InvariantCulture)).ConfigureAwait(false);
        return counts.Single();
    }

    public Task TestOnlyClearTable() => Database.ExecuteAsync("DeleteReminderRowsKey", command => command.Add("ServiceId", serviceId, DbType.String));

    private void BindKey(DbCommand command, GrainId grainId, string reminderName)
    {
        command.Add("ServiceId", serviceId, DbType.String);
        command.Add("GrainId", grainId.ToString(), DbType.String);
        command.Add("ReminderName", reminderName, DbType.String);
    }

    private static ReminderEntry Entry(DbDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(row.GetOrdinal("GrainId")), null),
        ReminderName = row.GetString(row.GetOrdinal("ReminderName")),
        StartAt = DateTime.SpecifyKind(row.GetDateTime(row.GetOrdinal("StartTime")), DateTimeKind.Utc),
        Period = TimeSpan.FromMilliseconds(Convert.ToInt64(row.GetValue(row.GetOrdinal("Period")), CultureInfo.InvariantCulture)),
        ETag = row.Int32OrNull("Version")!.Value.ToString(CultureInfo.InvariantCulture),
    };
}
