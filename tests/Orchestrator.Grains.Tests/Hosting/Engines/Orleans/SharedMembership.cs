using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>The table of silos, kept beside them. A test cluster of Orleans keeps it in its first silo: were that one killed, nobody could find out.</summary>
internal static class SharedMembership
{
    private static readonly ConcurrentDictionary<string, Table> Tables = new(StringComparer.Ordinal);

    /// <summary>The silos of one deployment use one table.</summary>
    public static ISiloBuilder UseSharedMembership(this ISiloBuilder builder, string deployment)
    {
        // The last that is registered counts.
        builder.Services.AddSingleton<IMembershipTable>(Tables.GetOrAdd(deployment, static _ => new Table()));
        return builder;
    }

    private sealed class Table : IMembershipTable
    {
        private readonly Lock gate = new();
        private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string ETag)> rows = [];
        private TableVersion version = new(0, "0");
        private long changes;

        // Orleans is about to replace the first eight by the second; a table has both.
        public Task InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

        public Task DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

        public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

        public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

        public Task<MembershipTableData> ReadAll() => ReadAllAsync(CancellationToken.None);

        public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

        public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

        public Task UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

        public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                rows.Clear();
            }

            return Task.CompletedTask;
        }

        public Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                foreach (var (silo, row) in rows.ToArray())
                {
                    if (row.Entry.Status == SiloStatus.Dead && row.Entry.IAmAliveTime < beforeDate.UtcDateTime)
                    {
                        rows.Remove(silo);
                    }
                }
            }

            return Task.CompletedTask;
        }

        public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) => Task.FromResult(Read(silo => silo.Equals(key)));

        public Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken) => Task.FromResult(Read(static _ => true));

        public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                return Task.FromResult(!rows.ContainsKey(entry.SiloAddress) && Store(entry, tableVersion));
            }
        }

        public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                return Task.FromResult(rows.TryGetValue(entry.SiloAddress, out var row) && row.ETag == etag && Store(entry, tableVersion));
            }
        }

        public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                // As in other tables this is no change that a writer of the row must have seen.
                if (rows.TryGetValue(entry.SiloAddress, out var row))
                {
                    row.Entry.IAmAliveTime = entry.IAmAliveTime;
                }
            }

            return Task.CompletedTask;
        }

        private bool Store(MembershipEntry entry, TableVersion tableVersion)
        {
            if (tableVersion.VersionEtag != version.VersionEtag)
            {
                return false;
            }

            var etag = (++changes).ToString(CultureInfo.InvariantCulture);
            rows[entry.SiloAddress] = (Copy(entry), etag);
            version = new(tableVersion.Version, etag);
            return true;
        }

        private MembershipTableData Read(Func<SiloAddress, bool> which)
        {
            lock (gate)
            {
                List<Tuple<MembershipEntry, string>> found = [.. rows.Where(row => which(row.Key)).Select(static row => Tuple.Create(Copy(row.Value.Entry), row.Value.ETag))];
                return new(found, version);
            }
        }

        private static MembershipEntry Copy(MembershipEntry entry)
        {
            var copy = new MembershipEntry
            {
                SiloAddress = entry.SiloAddress,
                Status = entry.Status,
                ProxyPort = entry.ProxyPort,
                HostName = entry.HostName,
                SiloName = entry.SiloName,
                RoleName = entry.RoleName,
                UpdateZone = entry.UpdateZone,
                FaultZone = entry.FaultZone,
                StartTime = entry.StartTime,
                IAmAliveTime = entry.IAmAliveTime,
            };
            if (entry.SuspectTimes is { } suspects)
            {
                copy.SuspectTimes = [.. suspects];
            }

            return copy;
        }
    }
}
