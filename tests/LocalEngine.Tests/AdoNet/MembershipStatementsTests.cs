using Npgsql;
using NpgsqlTypes;

namespace LocalEngine.Tests.AdoNet;

/// <summary>The statements that Orleans' membership table issues, with the parameters that it binds.</summary>
public sealed class MembershipStatementsTests
{
    private const string Deployment = "deployment";
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public async Task Scripts_can_be_applied_again_and_keep_what_is_stored()
    {
        var token = TestContext.Current.CancellationToken;
        var connectionString = await OrleansDatabase.CreateAsync(token);
        await using var source = NpgsqlDataSource.Create(connectionString);
        (await CountAsync(source, "InsertMembershipVersionKey")).ShouldBe(1);

        await OrleansDatabase.ApplyScriptsAsync(connectionString, token);

        (await CountAsync(source, "InsertMembershipVersionKey")).ShouldBe(0);
    }

    [Fact]
    public async Task A_change_names_the_version_that_it_read_and_changes_nothing_otherwise()
    {
        var token = TestContext.Current.CancellationToken;
        await using var source = NpgsqlDataSource.Create(await OrleansDatabase.CreateAsync(token));
        await CountAsync(source, "InsertMembershipVersionKey");

        (await CountAsync(source, "InsertMembershipKey", Silo(port: 1, version: 7))).ShouldBe(0);
        (await CountAsync(source, "InsertMembershipKey", Silo(port: 1, version: 0))).ShouldBe(1);
        (await CountAsync(source, "InsertMembershipKey", Silo(port: 1, version: 1))).ShouldBe(0);
        (await CountAsync(source, "InsertMembershipKey", Silo(port: 2, version: 1))).ShouldBe(1);
        (await CountAsync(source, "UpdateMembershipKey", Change(port: 1, version: 1))).ShouldBe(0);
        (await CountAsync(source, "UpdateMembershipKey", Change(port: 9, version: 2))).ShouldBe(0);
        (await CountAsync(source, "UpdateMembershipKey", Change(port: 1, version: 2))).ShouldBe(1);

        var rows = await RowsAsync(source, "MembershipReadAllKey");
        rows.Count.ShouldBe(2);
        rows.ShouldAllBe(static row => (int)row["Version"]! == 3);
        rows.Single(static row => (int)row["Port"]! == 1)["Status"].ShouldBe(6);
    }

    [Fact]
    public async Task The_version_is_read_also_where_there_is_no_such_silo()
    {
        var token = TestContext.Current.CancellationToken;
        await using var source = NpgsqlDataSource.Create(await OrleansDatabase.CreateAsync(token));
        await CountAsync(source, "InsertMembershipVersionKey");

        var row = (await RowsAsync(source, "MembershipReadRowKey", Address(port: 5))).ShouldHaveSingleItem();

        row["Version"].ShouldBe(0);
        row["StartTime"].ShouldBeNull();
    }

    [Fact]
    public async Task Gateways_signs_of_life_and_cleaning_up_follow_the_status()
    {
        var token = TestContext.Current.CancellationToken;
        await using var source = NpgsqlDataSource.Create(await OrleansDatabase.CreateAsync(token));
        await CountAsync(source, "InsertMembershipVersionKey");
        await CountAsync(source, "InsertMembershipKey", Silo(port: 1, version: 0));
        await CountAsync(source, "InsertMembershipKey", Silo(port: 2, version: 1));
        await CountAsync(source, "UpdateMembershipKey", Change(port: 2, version: 2));

        (await RowsAsync(source, "GatewaysQueryKey", new NpgsqlParameter("Status", 3))).ShouldHaveSingleItem()["ProxyPort"].ShouldBe(30001);

        await RowsAsync(source, "UpdateIAmAlivetimeKey", [.. Address(port: 1), Time("IAmAliveTime", Start.AddHours(1))]);
        await RowsAsync(source, "CleanupDefunctSiloEntriesKey", Time("IAmAliveTime", Start.AddDays(1)));
        var left = (await RowsAsync(source, "MembershipReadAllKey")).ShouldHaveSingleItem();
        left["Port"].ShouldBe(1);
        left["IAmAliveTime"].ShouldBe(Start.AddHours(1));

        await RowsAsync(source, "DeleteMembershipTableEntriesKey");
        (await RowsAsync(source, "MembershipReadAllKey")).ShouldBeEmpty();
    }

    private static NpgsqlParameter[] Address(int port) =>
        [new("Address", "127.0.0.1"), new("Port", port), new("Generation", 1)];

    private static NpgsqlParameter[] Silo(int port, int version) =>
    [
        .. Address(port), new("SiloName", "silo"), new("HostName", "host"), new("Status", 3), new("ProxyPort", 30000 + port),
        Time("StartTime", Start), Time("IAmAliveTime", Start), new("Version", version),
    ];

    private static NpgsqlParameter[] Change(int port, int version) =>
        [.. Address(port), new("Status", 6), new("SuspectTimes", NpgsqlDbType.Text) { Value = DBNull.Value }, Time("IAmAliveTime", Start), new("Version", version)];

    private static NpgsqlParameter Time(string name, DateTime value) => new(name, NpgsqlDbType.TimestampTz) { Value = value };

    private static async Task<int> CountAsync(NpgsqlDataSource source, string key, params NpgsqlParameter[] parameters) =>
        (int)(await RowsAsync(source, key, parameters)).ShouldHaveSingleItem().ShouldHaveSingleItem().Value!;

    private static async Task<List<Dictionary<string, object?>>> RowsAsync(NpgsqlDataSource source, string key, params NpgsqlParameter[] parameters)
    {
        var token = TestContext.Current.CancellationToken;
        await using var query = source.CreateCommand("SELECT QueryText FROM OrleansQuery WHERE QueryKey = $1");
        query.Parameters.Add(new() { Value = key });
        var text = (string)(await query.ExecuteScalarAsync(token))!;
        await using var command = source.CreateCommand(text);
        command.Parameters.AddRange(parameters);
        command.Parameters.Add(new("DeploymentId", Deployment));
        await using var reader = await command.ExecuteReaderAsync(token);
        var rows = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync(token))
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, index => reader.IsDBNull(index) ? null : reader.GetValue(index), StringComparer.OrdinalIgnoreCase));
        }

        return rows;
    }
}
