using System.Collections.Immutable;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Client.Tests;

public sealed class SchedulingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_order_goes_to_its_place_with_a_key_and_its_answer_comes_back_typed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new Page<WindowView> { Items = [new() { Window = new() { Id = "kernel", Severity = WindowSeverity.Critical } }] }, 201)
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new ArrangementReply { Accepted = true, Changed = true })
            .ThenJson(new ArrangementReply { Accepted = true, Reservation = new() { Id = "r", State = ReservationState.Confirmed } }, 201)
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new AccountView { Id = new("p-lab.heat"), Terms = new() { Shares = 3 } })
            .ThenJson(new AccountView { Id = new("p-lab.heat") })
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new ArrangementReply { Accepted = true })
            .ThenJson(new PlanAnswer { IsWhole = false })
            .ThenJson(new ArrangementReply { Accepted = true });
        using var client = OrchestratorClient.ForDirectory(gateway.Data);

        (await client.AddWindowAsync(new() { Id = "kernel", Start = "+2h", Duration = "4h", Severity = "critical" }, cancellationToken: Token)).ShouldHaveSingleItem().Window.Severity.ShouldBe(WindowSeverity.Critical);
        await client.CancelWindowAsync("kernel", "not today", cancellationToken: Token);
        (await client.CompleteWindowAsync("kernel", cancellationToken: Token)).Changed.ShouldBeTrue();
        (await client.AddReservationAsync(new() { Id = "r", Start = "+1h", Duration = "1h" }, cancellationToken: Token)).Reservation!.State.ShouldBe(ReservationState.Confirmed);
        await client.CancelReservationAsync("r", cancellationToken: Token);
        await client.SetPriorityAsync(new() { Target = "heat", Value = 0.5 }, cancellationToken: Token);
        await client.SetDeadlineAsync(new() { Target = "heat", Deadline = "+5d" }, cancellationToken: Token);
        (await client.ChangeAccountAsync(new("p-lab.heat"), new() { Shares = 3, Budgets = [new() { Unit = BudgetUnit.CoreHours, Limit = 5 }] }, cancellationToken: Token)).Terms.Shares.ShouldBe(3);
        await client.SetAccountAsync(new("p-lab.heat"), new(), cancellationToken: Token);
        await client.SetPolicyAsync("preset: easy\n", cancellationToken: Token);
        await client.SetLicencesAsync(ImmutableSortedDictionary<string, int>.Empty.Add("ansys", 4), cancellationToken: Token);
        await client.SetEnergyAsync(new() { Mode = EnergyMode.Balanced }, cancellationToken: Token);
        await client.DecideConflictAsync("r/s", newer: true, cancellationToken: Token);
        await client.CompleteReservationAsync("r", cancellationToken: Token);
        (await client.PlanAsync(new() { Target = "heat", AddNodes = 20 }, Token)).IsWhole.ShouldBeFalse();
        await client.ChangeLicencesAsync(ImmutableSortedDictionary<string, int?>.Empty.Add("ansys", null).Add("cfd", 2), cancellationToken: Token);

        gateway.Seen.Select(static request => $"{request.Method} {request.Path}").ShouldBe(
        [
            "POST /v1/windows", "POST /v1/windows/kernel/cancel", "POST /v1/windows/kernel/complete", "POST /v1/reservations", "POST /v1/reservations/r/cancel", "PUT /v1/priorities", "PUT /v1/deadlines",
            "PATCH /v1/accounts/p-lab.heat", "PUT /v1/accounts/p-lab.heat", "PUT /v1/policy", "PUT /v1/licences", "PUT /v1/energy", "POST /v1/conflicts", "POST /v1/reservations/r/complete", "POST /v1/plan", "PATCH /v1/licences",
        ]);
        gateway.Seen[15].Body.ShouldBe("{\"ansys\":null,\"cfd\":2}");
        gateway.Seen.Select(static request => request.Key).Distinct().Count().ShouldBe(16);
        gateway.Seen[0].Body.ShouldContain("\"duration\":\"4h\"");
        gateway.Seen[7].Body.ShouldContain("\"unit\":\"coreHours\"");
        gateway.Seen[9].Body.ShouldBe("preset: easy\n");
        gateway.AssertNothingElse();
    }

    [Fact]
    public async Task What_was_arranged_is_listed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new Page<WindowView> { Items = [new() { Window = new() { Id = "a" } }], Next = "1" })
            .ThenJson(new Page<WindowView> { Items = [new() { Window = new() { Id = "b" } }] })
            .ThenJson(new Page<Reservation> { Items = [new() { Id = "r" }] })
            .ThenJson(new Page<AccountSummary> { Items = [new() { Id = new AccountId("p-lab.heat") }] })
            .ThenJson(new PolicyDocument { Text = "{}" })
            .ThenJson(new Page<ReservationConflict> { Items = [new() { Id = "r/s" }] })
            .ThenJson(new EnergyReport { InForce = EnergyMode.Balanced });
        using var client = OrchestratorClient.ForDirectory(gateway.Data);

        (await client.ListWindowsAsync(Token).Select(static view => view.Window.Id).ToListAsync(Token)).ShouldBe(["a", "b"]);
        (await client.ListReservationsAsync(Token).Select(static reservation => reservation.Id).ToListAsync(Token)).ShouldBe(["r"]);
        (await client.ListAccountsAsync(Token).Select(static account => account.Id.Value).ToListAsync(Token)).ShouldBe(["p-lab.heat"]);
        (await client.GetPolicyAsync(Token)).Text.ShouldBe("{}");
        (await client.ListConflictsAsync(resolved: false, Token).Select(static conflict => conflict.Id).ToListAsync(Token)).ShouldBe(["r/s"]);
        (await client.GetEnergyAsync(Token)).InForce.ShouldBe(EnergyMode.Balanced);
    }
}
