using System.Collections.Immutable;
using System.Text;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Client;

/// <summary>What is arranged with the scheduler: windows, reservations, priorities, accounts, policy.</summary>
public sealed partial class OrchestratorClient
{
    // ---- maintenance windows

    /// <summary>By start, each with who is in its way.</summary>
    public IAsyncEnumerable<WindowView> ListWindowsAsync(CancellationToken cancellationToken = default) => PagesAsync<WindowView>("/v1/windows", cancellationToken);

    /// <summary>Adds a window, or those of a rolling maintenance, all or none.</summary>
    /// <exception cref="OrchestratorClientException">Mistakes are in <see cref="OrchestratorClientException.Problems"/>.</exception>
    public async Task<ImmutableArray<WindowView>> AddWindowAsync(WindowRequest window, string? key = null, CancellationToken cancellationToken = default) =>
        (await transport.PostAsync<Page<WindowView>>("/v1/windows", window, key, cancellationToken)).Items;

    /// <summary>Calls a window off before it begins; a repeat changes nothing.</summary>
    public Task<ArrangementReply> CancelWindowAsync(string window, string? reason = null, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ArrangementReply>($"/v1/windows/{Escape(window)}/cancel", new { reason }, key, cancellationToken);

    /// <summary>The work of an active window is done before its end; a repeat changes nothing.</summary>
    public Task<ArrangementReply> CompleteWindowAsync(string window, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ArrangementReply>($"/v1/windows/{Escape(window)}/complete", new { }, key, cancellationToken);

    // ---- reservations

    public IAsyncEnumerable<Reservation> ListReservationsAsync(CancellationToken cancellationToken = default) => PagesAsync<Reservation>("/v1/reservations", cancellationToken);

    /// <summary>Asks for nodes at a time.</summary>
    /// <exception cref="OrchestratorClientException">409: others won; the problems say when it would fit. 422: mistakes.</exception>
    public Task<ArrangementReply> AddReservationAsync(ReservationRequest reservation, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ArrangementReply>("/v1/reservations", reservation, key, cancellationToken);

    /// <summary>Gives a reservation back; a repeat changes nothing.</summary>
    public Task<ArrangementReply> CancelReservationAsync(string reservation, string? reason = null, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ArrangementReply>($"/v1/reservations/{Escape(reservation)}/cancel", new { reason }, key, cancellationToken);

    /// <summary>What a reservation in force was made for is done before its end; a repeat changes nothing.</summary>
    public Task<ArrangementReply> CompleteReservationAsync(string reservation, string? reason = null, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ArrangementReply>($"/v1/reservations/{Escape(reservation)}/complete", new { reason }, key, cancellationToken);

    /// <summary>Between reservations and windows, newest first.</summary>
    /// <param name="resolved">True: those that were decided; false: those that are open; null: all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IAsyncEnumerable<ReservationConflict> ListConflictsAsync(bool? resolved = null, CancellationToken cancellationToken = default) =>
        PagesAsync<ReservationConflict>("/v1/conflicts" + Query(("resolved", resolved switch { true => "true", false => "false", null => null })), cancellationToken);

    /// <summary>Decides a conflict that was left to operators.</summary>
    public Task<ArrangementReply> DecideConflictAsync(string conflict, bool newer, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ArrangementReply>("/v1/conflicts", new ConflictRequest { Conflict = conflict, Newer = newer }, key, cancellationToken);

    // ---- priorities and deadlines

    public IAsyncEnumerable<PrioritySetting> ListPrioritiesAsync(CancellationToken cancellationToken = default) => PagesAsync<PrioritySetting>("/v1/priorities", cancellationToken);

    /// <summary>Sets the priority of a simulation, a stage of one, or a campaign; in force with the next plan.</summary>
    public Task<ArrangementReply> SetPriorityAsync(PriorityRequest priority, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<ArrangementReply>(HttpMethod.Put, "/v1/priorities", priority, key, cancellationToken);

    public IAsyncEnumerable<DeadlineSetting> ListDeadlinesAsync(CancellationToken cancellationToken = default) => PagesAsync<DeadlineSetting>("/v1/deadlines", cancellationToken);

    /// <summary>Sets the deadline of a simulation, or of each live one of a campaign.</summary>
    public Task<ArrangementReply> SetDeadlineAsync(DeadlineRequest deadline, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<ArrangementReply>(HttpMethod.Put, "/v1/deadlines", deadline, key, cancellationToken);

    // ---- accounts

    /// <summary>Those that work was submitted for, by id.</summary>
    public IAsyncEnumerable<AccountSummary> ListAccountsAsync(CancellationToken cancellationToken = default) => PagesAsync<AccountSummary>("/v1/accounts", cancellationToken);

    /// <summary>Arranges something of an account anew; what is null or empty stays.</summary>
    /// <exception cref="OrchestratorClientException">Mistakes are in <see cref="OrchestratorClientException.Problems"/>.</exception>
    public Task<AccountView> ChangeAccountAsync(AccountId account, AccountChange change, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<AccountView>(HttpMethod.Patch, $"/v1/accounts/{account}", change, key, cancellationToken);

    /// <summary>Arranges an account whole: budgets and users that are not named go.</summary>
    public Task<AccountView> SetAccountAsync(AccountId account, AccountTerms terms, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<AccountView>(HttpMethod.Put, $"/v1/accounts/{account}", terms, key, cancellationToken);

    /// <summary>When work starts and ends if all runs as long as is expected, and what if; it changes nothing.</summary>
    public Task<PlanAnswer> PlanAsync(PlanRequest question, CancellationToken cancellationToken = default) => transport.PostAsync<PlanAnswer>("/v1/plan", question, null, cancellationToken);

    /// <summary>What runs, waits or is still to start: when, and what it is expected to use.</summary>
    public IAsyncEnumerable<PlannedDemand> ListPlannedAsync(string? campaign = null, CancellationToken cancellationToken = default) =>
        PagesAsync<PlannedDemand>("/v1/planned" + Query(("campaign", campaign)), cancellationToken);

    // ---- by what plans are made

    public Task<PolicyDocument> GetPolicyAsync(CancellationToken cancellationToken = default) => transport.GetAsync<PolicyDocument>("/v1/policy", cancellationToken);

    /// <summary>Plans are made by this policy file from now on; "": by that with which the silo was started.</summary>
    /// <exception cref="OrchestratorClientException">Mistakes in the file are in <see cref="OrchestratorClientException.Problems"/>.</exception>
    public Task<ArrangementReply> SetPolicyAsync(string yaml, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<ArrangementReply>(HttpMethod.Put, "/v1/policy", () => new StringContent(yaml, Encoding.UTF8, "application/yaml"), key, cancellationToken);

    public Task<ImmutableSortedDictionary<string, int>> GetLicencesAsync(CancellationToken cancellationToken = default) =>
        transport.GetAsync<ImmutableSortedDictionary<string, int>>("/v1/licences", cancellationToken);

    /// <summary>All licences that there are, by name.</summary>
    public Task<ArrangementReply> SetLicencesAsync(ImmutableSortedDictionary<string, int> licences, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<ArrangementReply>(HttpMethod.Put, "/v1/licences", licences, key, cancellationToken);

    /// <summary>There are so many of some licences; null: one is there no more. What is not named stays, whoever changes it at the same time.</summary>
    public Task<ArrangementReply> ChangeLicencesAsync(ImmutableSortedDictionary<string, int?> licences, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<ArrangementReply>(HttpMethod.Patch, "/v1/licences", licences, key, cancellationToken);

    /// <summary>The mode in force, what energy costs, and what each mode would save.</summary>
    public Task<EnergyReport> GetEnergyAsync(CancellationToken cancellationToken = default) => transport.GetAsync<EnergyReport>("/v1/energy", cancellationToken);

    public Task<ArrangementReply> SetEnergyAsync(EnergyOutlook energy, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<ArrangementReply>(HttpMethod.Put, "/v1/energy", energy, key, cancellationToken);

    /// <summary>Moves what runs of a simulation to other nodes; operators may.</summary>
    /// <exception cref="OrchestratorClientException">409: nothing of it runs, it is protected, or it made way a short while ago.</exception>
    public Task<ArrangementReply> MigrateAsync(SimulationId simulation, MigrationRequest request, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ArrangementReply>($"/v1/simulations/{simulation}/migrate", request, key, cancellationToken);
}
