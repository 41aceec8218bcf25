using System.Text;

namespace Orchestrator.Storage.Tests;

/// <summary>History, audit, tokens and idempotency keys.</summary>
public sealed class RecordTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_history_row_that_is_handed_over_twice_is_stored_once(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        await stores.History.AppendAsync([Row("s-1", 1, "first")], Token);
        await stores.History.AppendAsync([Row("s-1", 1, "changed"), Row("s-1", 2, "second"), Row("s-2", 1, "other")], Token);
        await stores.History.AppendAsync([], Token);

        var rows = await stores.History.QueryAsync(new() { Kind = HistoryKinds.Attempt, Key = "s-1" }, Token);
        rows.Select(Text).ShouldBe(["first", "second"]);
        (rows[1] with { Payload = default }).ShouldBe(Row("s-1", 2, "") with { Payload = default });
        (await stores.History.QueryAsync(new() { Kind = HistoryKinds.Stage, Key = "s-1" }, Token)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task History_is_read_by_page_by_time_and_backwards(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.History.AppendAsync([.. Enumerable.Range(1, 9).Select(i => Row("s-1", i, $"{i}"))], Token);
        var all = new HistoryQuery { Kind = HistoryKinds.Attempt, Key = "s-1" };

        (await Read(all with { Limit = 2 })).ShouldBe(["1", "2"]);
        (await Read(all with { Limit = 2, After = 2 })).ShouldBe(["3", "4"]);
        (await Read(all with { Limit = 2, NewestFirst = true })).ShouldBe(["9", "8"]);
        (await Read(all with { Limit = 2, NewestFirst = true, After = 8 })).ShouldBe(["7", "6"]);
        (await Read(all with { From = Start.AddHours(3), Until = Start.AddHours(5) })).ShouldBe(["3", "4"]);
        (await stores.History.PruneAsync(HistoryKinds.Attempt, Start.AddHours(8), Token)).ShouldBe(7);
        (await Read(all)).ShouldBe(["8", "9"]);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => stores.History.QueryAsync(all with { Limit = 0 }, Token));

        async Task<List<string>> Read(HistoryQuery query) => [.. (await stores.History.QueryAsync(query, Token)).Select(Text)];
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task The_audit_log_numbers_its_rows_and_shows_the_newest_first(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        var row = new AuditRow { At = Start, Who = "ada", Institution = "x", Action = "simulation.cancel", Subject = "s-1", RequestId = "r", Outcome = "accepted", Details = "{}" };

        var first = await stores.Audit.AppendAsync(row, Token);
        var second = await stores.Audit.AppendAsync(row with { Who = "bob", Institution = null, Subject = null, RequestId = null, Details = null, At = Start.AddHours(1) }, Token);
        var third = await stores.Audit.AppendAsync(row with { Action = "simulation.submit", At = Start.AddHours(2) }, Token);

        new[] { first, second, third }.ShouldBeInOrder();
        (await Numbers(new())).ShouldBe([third, second, first]);
        (await Numbers(new() { Before = third, Limit = 1 })).ShouldBe([second]);
        (await Numbers(new() { Who = "ada", Institution = "x" })).ShouldBe([third, first]);
        (await Numbers(new() { Subject = "s-1", Action = "simulation.cancel" })).ShouldBe([first]);
        (await Numbers(new() { From = Start.AddHours(1), Until = Start.AddHours(2) })).ShouldBe([second]);
        (await stores.Audit.QueryAsync(new() { Before = second }, Token))[0].ShouldBe(row with { Number = first });
        (await stores.Audit.PruneAsync(Start, Token)).ShouldBe(0);
        (await stores.Audit.PruneAsync(Start.AddHours(1), Token)).ShouldBe(1);
        (await Numbers(new())).ShouldBe([third, second]);
        (await stores.Audit.PruneAsync(Start.AddDays(1), Token)).ShouldBe(2);
        (await stores.Audit.PruneAsync(Start.AddDays(1), Token)).ShouldBe(0);
        (await stores.Audit.AppendAsync(row, Token)).ShouldBeGreaterThan(third);

        async Task<List<long>> Numbers(AuditQuery query) => [.. (await stores.Audit.QueryAsync(query, Token)).Select(stored => stored.Number)];
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_token_lives_from_its_creation_to_its_revocation(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        var token = new TokenRecord
        {
            TokenId = "t-1",
            SecretHash = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(),
            User = "ada",
            Institution = "x",
            Projects = ["x/a", "x/b"],
            Role = "submitter",
            CreatedAt = Start,
            ExpiresAt = Start.AddDays(1),
        };

        (await stores.Tokens.CreateAsync(token, Token)).ShouldBeTrue();
        (await stores.Tokens.CreateAsync(token with { User = "mallory" }, Token)).ShouldBeFalse();
        await stores.Tokens.CreateAsync(token with { TokenId = "t-0", Institution = null, ExpiresAt = null, Projects = [], CreatedAt = Start.AddHours(1) }, Token);
        var found = (await stores.Tokens.FindAsync("t-1", Token))!;
        (found.User, found.Institution, found.Role, found.CreatedAt, found.ExpiresAt, found.RevokedAt, found.LastUsedAt)
            .ShouldBe(("ada", "x", "submitter", Start, Start.AddDays(1), null, null));
        found.SecretHash.ToArray().ShouldBe(token.SecretHash.ToArray());
        found.Projects.ShouldBe(["x/a", "x/b"]);

        await stores.Tokens.TouchAsync("t-1", Start.AddHours(2), Token);
        await stores.Tokens.TouchAsync("t-1", Start.AddHours(1), Token);
        (await stores.Tokens.RevokeAsync("t-1", Start.AddHours(3), Token)).ShouldBeTrue();
        (await stores.Tokens.RevokeAsync("t-1", Start.AddHours(4), Token)).ShouldBeTrue();
        (await stores.Tokens.RevokeAsync("t-9", Start, Token)).ShouldBeFalse();

        var revoked = (await stores.Tokens.FindAsync("t-1", Token))!;
        (revoked.LastUsedAt, revoked.RevokedAt).ShouldBe((Start.AddHours(2), Start.AddHours(3)));
        (await stores.Tokens.FindAsync("t-9", Token)).ShouldBeNull();
        (await stores.Tokens.ListAsync(null, Token)).Select(t => t.TokenId).ShouldBe(["t-1", "t-0"]);
        (await stores.Tokens.ListAsync("x", Token)).Select(t => t.TokenId).ShouldBe(["t-1"]);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_repeated_request_gets_the_first_reply(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        (await Claim(stores, "one")).Outcome.ShouldBe(IdempotencyOutcome.Claimed);
        var during = await Claim(stores, "one");
        (during.Outcome, during.ClaimedUntil).ShouldBe((IdempotencyOutcome.InProgress, stores.Clock.GetUtcNow().AddMinutes(1)));
        await stores.Keys.CompleteAsync("ada", "key", new StoredReply { Status = 201, ContentType = "application/json", Location = "/v1/x", Body = "{}"u8.ToArray() }, Token);
        await stores.Keys.CompleteAsync("ada", "key", new StoredReply { Status = 500 }, Token);

        var repeat = await Claim(stores, "one");
        repeat.Outcome.ShouldBe(IdempotencyOutcome.Replayed);
        (repeat.Reply!.Status, repeat.Reply.ContentType, repeat.Reply.Location, Encoding.UTF8.GetString(repeat.Reply.Body.Span)).ShouldBe((201, "application/json", "/v1/x", "{}"));
        (await Claim(stores, "two")).Outcome.ShouldBe(IdempotencyOutcome.Conflict);
        (await Claim(stores, "two", "bob")).Outcome.ShouldBe(IdempotencyOutcome.Claimed);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task The_claim_of_one_that_died_falls_to_the_next(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        var first = await Claim(stores, "one");

        stores.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await Claim(stores, "one");
        await stores.Keys.ReleaseAsync("ada", "key", first, Token);

        second.Outcome.ShouldBe(IdempotencyOutcome.Claimed);
        (await Claim(stores, "one")).Outcome.ShouldBe(IdempotencyOutcome.InProgress);
        await stores.Keys.ReleaseAsync("ada", "key", second, Token);
        (await Claim(stores, "two")).Outcome.ShouldBe(IdempotencyOutcome.Claimed);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_reply_is_forgotten_after_the_retention(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await Claim(stores, "one");
        await stores.Keys.CompleteAsync("ada", "key", new StoredReply { Status = 200 }, Token);
        await Claim(stores, "one", "bob");

        stores.Clock.Advance(new StorageOptions().IdempotencyRetention);

        (await Claim(stores, "two")).Outcome.ShouldBe(IdempotencyOutcome.Claimed);
        (await stores.Keys.PruneAsync(Token)).ShouldBe(1);
        (await Claim(stores, "two")).Outcome.ShouldBe(IdempotencyOutcome.InProgress);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task Of_many_that_claim_at_once_one_gets_it(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Claim(stores, "one")));

        claims.Count(claim => claim.Outcome == IdempotencyOutcome.Claimed).ShouldBe(1);
        claims.Count(claim => claim.Outcome == IdempotencyOutcome.InProgress).ShouldBe(9);
    }

    private static Task<IdempotencyClaim> Claim(Stores stores, string body, string principal = "ada") =>
        stores.Keys.ClaimAsync(principal, "key", Encoding.UTF8.GetBytes(body), TimeSpan.FromMinutes(1), Token);

    private static HistoryRow Row(string key, long sequence, string text) => new()
    {
        Kind = HistoryKinds.Attempt,
        Key = key,
        Sequence = sequence,
        At = Start.AddHours(sequence),
        Payload = Encoding.UTF8.GetBytes(text),
    };

    private static string Text(HistoryRow row) => Encoding.UTF8.GetString(row.Payload.Span);
}
