using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Client.Events;
using Orchestrator.Client.Transport;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Usage;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Client;

/// <summary>
/// The gateway, typed. Every method throws <see cref="OrchestratorClientException"/> for what the gateway refuses and when nothing answers within the limits of
/// <see cref="OrchestratorClientOptions"/>. A change may be given an idempotency key of the caller, for a caller that may itself crash and repeat it; without one it gets a
/// fresh key, kept over its tries. Instances are safe to share.
/// </summary>
public sealed partial class OrchestratorClient : IDisposable
{
    private readonly GatewayTransport transport;

    private OrchestratorClient(EndpointSource source, OrchestratorClientOptions? options) => transport = new GatewayTransport(source, options ?? new OrchestratorClientOptions());

    /// <summary>Where it talks to, for messages: the data directory, the socket or the address.</summary>
    public string Description => transport.Description;

    internal GatewayTransport Transport => transport;

    /// <summary>Finds the gateway through a data directory, and finds it again after a restart; the default is <see cref="DataDirectory.Find"/>.</summary>
    public static OrchestratorClient ForDirectory(string? dataDirectory = null, OrchestratorClientOptions? options = null) =>
        new(EndpointSource.Of(DataDirectory.Find(dataDirectory)), options);

    /// <summary>Over a Unix socket; the gateway knows the caller by the socket's folder, which is the owner's alone.</summary>
    public static OrchestratorClient ForSocket(string path, OrchestratorClientOptions? options = null) =>
        new(EndpointSource.Of(new GatewayEndpoint { Socket = Path.GetFullPath(path) }), options);

    /// <summary>Over TCP, with a token.</summary>
    public static OrchestratorClient ForUrl(Uri address, string? token, OrchestratorClientOptions? options = null) =>
        new(EndpointSource.Of(new GatewayEndpoint { Address = address, Token = token }), options);

    // ---- the deployment

    public Task<SiloStatus> GetStatusAsync(CancellationToken cancellationToken = default) => transport.GetAsync<SiloStatus>("/v1/status", cancellationToken);

    /// <summary>Copies the database to a file of the gateway's machine.</summary>
    public Task BackupAsync(string path, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync("/v1/backup", new { path }, key, cancellationToken);

    /// <summary>Asks the silo to end, at once or when nothing is live any more.</summary>
    public Task ShutdownAsync(bool whenIdle, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync("/v1/shutdown", new { whenIdle }, key, cancellationToken);

    // ---- campaigns

    /// <summary>Submits the text of a campaign file. Submitting it again changes nothing and says so.</summary>
    /// <exception cref="OrchestratorClientException">Mistakes in the file are in <see cref="OrchestratorClientException.Problems"/>.</exception>
    public Task<CampaignSummary> SubmitCampaignAsync(string yaml, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<CampaignSummary>("/v1/campaigns", () => new StringContent(yaml, Encoding.UTF8, "application/yaml"), key, cancellationToken);

    public IAsyncEnumerable<CampaignSummary> ListCampaignsAsync(CancellationToken cancellationToken = default) => PagesAsync<CampaignSummary>("/v1/campaigns", cancellationToken);

    public Task<CampaignSummary> GetCampaignAsync(string name, CancellationToken cancellationToken = default) =>
        transport.GetAsync<CampaignSummary>($"/v1/campaigns/{Escape(name)}", cancellationToken);

    /// <summary>The same order to each of its simulations.</summary>
    public Task<CampaignSummary> ControlCampaignAsync(
        string name, SimulationVerb verb, string? reason = null, string? key = null, DateTimeOffset? at = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<CampaignSummary>($"/v1/campaigns/{Escape(name)}/{Verb(verb)}", new { reason, at }, key, cancellationToken);

    // ---- simulations

    public IAsyncEnumerable<SimulationSummary> ListSimulationsAsync(
        string? campaign = null, SimulationStatus status = SimulationStatus.Absent, bool? live = null, CancellationToken cancellationToken = default) => PagesAsync<SimulationSummary>(
            "/v1/simulations" + Query(("campaign", campaign), ("status", status == SimulationStatus.Absent ? null : Camel(status.ToString())), ("live", live is { } only ? (only ? "true" : "false") : null)),
            cancellationToken);

    /// <summary>Submits one simulation. A repeat of the same definition changes nothing.</summary>
    public Task<SubmitReply> SubmitAsync(SimulationDefinition definition, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<SubmitReply>("/v1/simulations", definition, key, cancellationToken);

    public Task<SimulationView> GetSimulationAsync(SimulationId simulation, CancellationToken cancellationToken = default) =>
        transport.GetAsync<SimulationView>($"/v1/simulations/{simulation}", cancellationToken);

    /// <param name="simulation">Which.</param>
    /// <param name="verb">What is asked of it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="key">An idempotency key of the caller.</param>
    /// <param name="at">For a checkpoint: when; null: now.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<ControlReply> ControlAsync(
        SimulationId simulation, SimulationVerb verb, string? reason = null, string? key = null, DateTimeOffset? at = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ControlReply>($"/v1/simulations/{simulation}/{Verb(verb)}", new { reason, at }, key, cancellationToken);

    /// <summary>Pins, unpins, prunes or distrusts checkpoints, or changes the policy of stages.</summary>
    /// <param name="simulation">Whose.</param>
    /// <param name="verb">One of those about checkpoints.</param>
    /// <param name="request">What it is about.</param>
    /// <param name="key">An idempotency key of the caller.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<ControlReply> ControlCheckpointsAsync(SimulationId simulation, SimulationVerb verb, CheckpointRequest request, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ControlReply>($"/v1/simulations/{simulation}/checkpoints/" + verb switch
        {
            SimulationVerb.PinCheckpoint => "pin",
            SimulationVerb.UnpinCheckpoint => "unpin",
            SimulationVerb.PruneCheckpoints => "prune",
            SimulationVerb.DistrustCheckpoint => "distrust",
            SimulationVerb.ChangeCheckpointPolicy => "policy",
            _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "it is not about checkpoints"),
        }, request, key, cancellationToken);

    /// <summary>Asks what runs for a preview of its result: of the stage, or of each that makes some.</summary>
    /// <exception cref="OrchestratorClientException">409: it runs nothing that makes previews; 400: what is asked makes no sense.</exception>
    public Task<ControlReply> OrderPreviewAsync(SimulationId simulation, PreviewRequest request, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ControlReply>($"/v1/simulations/{simulation}/preview", request, key, cancellationToken);

    /// <summary>Removes run directories of attempts that are over, but those that the view calls held.</summary>
    /// <param name="simulation">Of which.</param>
    /// <param name="request">Which stages, and whether all.</param>
    /// <param name="key">An idempotency key of the caller.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<ControlReply> CleanAsync(SimulationId simulation, CleanRequest request, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ControlReply>($"/v1/simulations/{simulation}/clean", request, key, cancellationToken);

    public Task<Explanation> ExplainAsync(SimulationId simulation, CancellationToken cancellationToken = default) =>
        transport.GetAsync<Explanation>($"/v1/simulations/{simulation}/why", cancellationToken);

    /// <summary>When each stage was to run, is expected to, and did.</summary>
    /// <param name="simulation">Which.</param>
    /// <param name="withQueue">False: without playing the queue of the cluster forward, which takes a while with thousands in it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<SimulationTimeline> GetTimelineAsync(SimulationId simulation, bool withQueue = true, CancellationToken cancellationToken = default) =>
        transport.GetAsync<SimulationTimeline>($"/v1/simulations/{simulation}/timeline{(withQueue ? "" : "?queue=false")}", cancellationToken);

    /// <summary>All its attempts that ended, from the history.</summary>
    public IAsyncEnumerable<AttemptView> ListAttemptsAsync(SimulationId simulation, CancellationToken cancellationToken = default) =>
        PagesAsync<AttemptView>($"/v1/simulations/{simulation}/attempts", cancellationToken);

    /// <summary>What a stage's program wrote.</summary>
    /// <param name="simulation">Whose.</param>
    /// <param name="stage">Its name.</param>
    /// <param name="standardError">False: standard output.</param>
    /// <param name="epoch">0: the newest.</param>
    /// <param name="tail">The last lines only; 0: all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<string> GetLogAsync(SimulationId simulation, string stage, bool standardError = false, int epoch = 0, int tail = 0, CancellationToken cancellationToken = default) => transport.GetTextAsync(
        $"/v1/simulations/{simulation}/stages/{Escape(stage)}/logs" + Query(("stream", standardError ? "stderr" : "stdout"), ("epoch", Number(epoch)), ("tail", Number(tail))),
        cancellationToken);

    // ---- what they belong to

    public Task<ScenarioView> GetScenarioAsync(ScenarioId scenario, CancellationToken cancellationToken = default) => transport.GetAsync<ScenarioView>($"/v1/scenarios/{scenario}", cancellationToken);

    /// <summary>The scenario sets of campaigns, by id.</summary>
    public IAsyncEnumerable<ScenarioSummary> ListScenariosAsync(CancellationToken cancellationToken = default) => PagesAsync<ScenarioSummary>("/v1/scenarios", cancellationToken);

    /// <summary>Two variants of a scenario set against each other.</summary>
    /// <exception cref="OrchestratorClientException">404: no such set or variant; 422: they are not compared, and why.</exception>
    public Task<ScenarioComparison> CompareScenariosAsync(ScenarioId scenario, string one, string other, string? method = null, CancellationToken cancellationToken = default) =>
        transport.GetAsync<ScenarioComparison>($"/v1/scenarios/{scenario}/comparison" + Query(("one", one), ("other", other), ("method", method)), cancellationToken);

    /// <summary>Sets the priority of a variant, or takes that back (null).</summary>
    public Task<ScenarioView> OverridePriorityAsync(ScenarioId scenario, PriorityOverride priority, string? key = null, CancellationToken cancellationToken = default) =>
        transport.ChangeAsync<ScenarioView>(HttpMethod.Put, $"/v1/scenarios/{scenario}/priority", priority, key, cancellationToken);

    /// <summary>Thinks over priorities and shares now, whatever the interval.</summary>
    public Task<ScenarioView> ReprioritizeAsync(ScenarioId scenario, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ScenarioView>($"/v1/scenarios/{scenario}/reprioritize", new { }, key, cancellationToken);

    public Task<AccountView> GetAccountAsync(AccountId account, CancellationToken cancellationToken = default) => transport.GetAsync<AccountView>($"/v1/accounts/{account}", cancellationToken);

    /// <summary>What an account used over time.</summary>
    public async Task<ImmutableArray<UsageRow>> GetUsageAsync(AccountId account, UsageQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var page = await transport.GetAsync<Page<UsageRow>>(
            $"/v1/accounts/{account}/usage" + Query(("by", Camel(query.By.ToString())), ("step", Camel(query.Step.ToString())), ("from", query.From?.ToString("O", CultureInfo.InvariantCulture)), ("until", query.Until?.ToString("O", CultureInfo.InvariantCulture))),
            cancellationToken);
        return page.Items.IsDefault ? [] : page.Items;
    }

    public Task<ClusterView> GetClusterAsync(ClusterId cluster, CancellationToken cancellationToken = default) => transport.GetAsync<ClusterView>($"/v1/clusters/{cluster}", cancellationToken);

    /// <summary>What failed, the newest first, and what became of it.</summary>
    /// <param name="simulation">Only of this simulation; null: of all.</param>
    /// <param name="node">Only on this node; null: on all.</param>
    /// <param name="open">Only those that are not resolved.</param>
    /// <param name="limit">1 to 1000.</param>
    /// <param name="since">Only what was noticed then or later; null: as far back as events are kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<FailureList> ListFailuresAsync(
        string? simulation = null, NodeId? node = null, bool open = false, int limit = 100, DateTimeOffset? since = null, CancellationToken cancellationToken = default) =>
        transport.GetAsync<FailureList>(
            "/v1/failures" + Query(("simulation", simulation), ("node", node?.Value), ("open", open ? "true" : null), ("limit", Number(limit)), ("since", Second(since))),
            cancellationToken);

    /// <summary>Puts a failure on record that a person saw.</summary>
    public Task<ControlReply> ReportFailureAsync(SimulationId simulation, FailureOrder failure, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ControlReply>($"/v1/simulations/{simulation}/failures", failure, key, cancellationToken);

    /// <summary>Puts a failure of a node as such on record that a person saw.</summary>
    public Task<NodeControlReply> ReportFailureAsync(NodeId node, FailureOrder failure, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<NodeControlReply>($"/v1/nodes/{node}/failures", failure, key, cancellationToken);

    /// <summary>Says how the recovery from a failure ended, or gives it up.</summary>
    public Task<ControlReply> EndRecoveryAsync(SimulationId simulation, RecoveryOrder recovery, bool cancel, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<ControlReply>($"/v1/simulations/{simulation}/failures/{(cancel ? "cancel" : "complete")}", recovery, key, cancellationToken);

    /// <summary>Changes that were asked for, granted or not, the newest first: one's own, for operators all.</summary>
    /// <param name="who">Of this user; null: of all that one may see.</param>
    /// <param name="action">Of this kind, as <c>simulation.cancel</c>; null: of any.</param>
    /// <param name="subject">About this; null: about anything.</param>
    /// <param name="from">Not earlier than this; null: as far back as the audit is kept.</param>
    /// <param name="until">Earlier than this; null: up to now.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IAsyncEnumerable<AuditEntry> ReadAuditAsync(
        string? who = null, string? action = null, string? subject = null, DateTimeOffset? from = null, DateTimeOffset? until = null, CancellationToken cancellationToken = default) =>
        PagesAsync<AuditEntry>(
            "/v1/audit" + Query(("who", who), ("action", action), ("subject", subject), ("from", Second(from)), ("until", Second(until)), ("limit", "1000")),
            cancellationToken);

    // ---- nodes

    public IAsyncEnumerable<NodeView> ListNodesAsync(CancellationToken cancellationToken = default) => PagesAsync<NodeView>("/v1/nodes", cancellationToken);

    /// <summary>How fast each kind of work runs on each node, and how far the node is trusted; by id.</summary>
    public IAsyncEnumerable<NodeEfficiency> ListEfficiencyAsync(CancellationToken cancellationToken = default) => PagesAsync<NodeEfficiency>("/v1/nodes/efficiency", cancellationToken);

    public Task<NodeView> GetNodeAsync(NodeId node, CancellationToken cancellationToken = default) => transport.GetAsync<NodeView>($"/v1/nodes/{node}", cancellationToken);

    public Task<RegisterReply> RegisterNodeAsync(NodeRegistration registration, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<RegisterReply>($"/v1/nodes/{registration.Node}/register", registration, key, cancellationToken);

    /// <summary>Drains or resumes a node.</summary>
    public Task<NodeControlReply> ControlNodeAsync(NodeId node, NodeVerb verb, string? reason = null, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<NodeControlReply>(
            $"/v1/nodes/{node}/{(verb == NodeVerb.Resume ? "resume" : "drain")}", new { reason, whenIdle = verb == NodeVerb.DrainWhenIdle }, key, cancellationToken);

    // ---- tokens

    /// <summary>Makes a token; its secret is in this reply and nowhere else.</summary>
    public Task<TokenDocument> CreateTokenAsync(TokenRequest request, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<TokenDocument>("/v1/tokens", request, key, cancellationToken);

    public IAsyncEnumerable<TokenDocument> ListTokensAsync(CancellationToken cancellationToken = default) => PagesAsync<TokenDocument>("/v1/tokens", cancellationToken);

    public Task RevokeTokenAsync(string id, string? key = null, CancellationToken cancellationToken = default) => transport.DeleteAsync($"/v1/tokens/{Escape(id)}", key, cancellationToken);

    // ---- events

    /// <summary>
    /// Events after a position, the stored ones first and then each as it happens, until the caller stops. A lost connection is opened again after the last event that was
    /// handed out, so none is missed and none comes twice.
    /// </summary>
    /// <param name="filter">Null: all.</param>
    /// <param name="after">0: from the oldest that is kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OrchestratorClientException">The gateway refused, or stayed away longer than <see cref="OrchestratorClientOptions.ResumeEventsFor"/>.</exception>
    public async IAsyncEnumerable<(long Position, OrchestratorEvent Event)> ReadEventsAsync(
        EventFilter? filter = null, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var options = transport.Options;
        var position = after;
        long? lostAt = null;
        var opened = false;
        var delay = options.RetryDelayFirst;
        while (true)
        {
            var path = EventsPath(filter, position);
            OrchestratorClientException? fault = null;
            HttpResponseMessage? response = null;
            try
            {
                response = await transport.OpenEventsAsync(path, position, cancellationToken);
            }
            catch (OrchestratorClientException refused) when (refused.IsTransient)
            {
                fault = refused;
            }

            if (response is not null)
            {
                using (response)
                {
                    opened = true;
                    lostAt = null;
                    delay = options.RetryDelayFirst;
                    await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
                    await using var events = EventStreamReader.ReadAsync(stream, options.EventSilence, options.Clock, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    while (true)
                    {
                        try
                        {
                            if (!await events.MoveNextAsync())
                            {
                                break;
                            }
                        }
                        catch (Exception broken) when (broken is IOException or HttpRequestException)
                        {
                            fault = new OrchestratorClientException($"the connection to the gateway on {Description} was lost: {broken.Message}", broken);
                            break;
                        }

                        if (events.Current.Position > position)
                        {
                            position = events.Current.Position;
                            yield return events.Current;
                        }
                    }
                }
            }

            var now = options.Clock.GetTimestamp();
            lostAt ??= now;
            var patience = opened ? options.ResumeEventsFor : options.RetryUnreachableFor;
            if (fault is not null && options.Clock.GetElapsedTime(lostAt.Value, now) + delay > patience)
            {
                throw fault;
            }

            await Task.Delay(delay, options.Clock, cancellationToken);
            delay = delay * 2 < options.RetryDelayMax ? delay * 2 : options.RetryDelayMax;
        }
    }

    /// <summary>The stored events up to a position, and no waiting for more.</summary>
    /// <param name="filter">Null: all.</param>
    /// <param name="last">The last position to read, as in <see cref="SiloStatus.LastEvent"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<(long Position, OrchestratorEvent Event)> ReadStoredEventsAsync(
        EventFilter? filter, long last, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var response = await transport.OpenEventsAsync(EventsPath(filter, 0) + "&follow=false", 0, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in EventStreamReader.ReadAsync(stream, transport.Options.EventSilence, transport.Options.Clock, cancellationToken))
        {
            if (item.Position > last)
            {
                yield break;
            }

            yield return item;
        }
    }

    public void Dispose() => transport.Dispose();

    internal static string Escape(string text) => Uri.EscapeDataString(text);

    private async IAsyncEnumerable<T> PagesAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await transport.GetAsync<Page<T>>(cursor is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={Escape(cursor)}", cancellationToken);
            foreach (var item in page.Items.IsDefault ? [] : page.Items)
            {
                yield return item;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }

    /// <summary>Whole seconds are what the gateway reads.</summary>
    private static string? Second(DateTimeOffset? moment) => moment?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parts)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Escape(value));
            }
        }

        return text.ToString();
    }

    private static string EventsPath(EventFilter? filter, long after) =>
        "/v1/events" + Query(("campaign", filter?.Campaign), ("simulation", filter?.Simulation?.Value), ("kind", filter?.Kind), ("level", filter is { Level: not EventLevel.Absent and var level } ? Camel(level.ToString()) : null), ("after", after.ToString(CultureInfo.InvariantCulture)));

    private static string? Number(int value) => value > 0 ? value.ToString(CultureInfo.InvariantCulture) : null;

    private static string Verb(SimulationVerb verb) => verb switch
    {
        SimulationVerb.Cancel => "cancel",
        SimulationVerb.Pause => "pause",
        SimulationVerb.Resume => "resume",
        SimulationVerb.Checkpoint => "checkpoint",
        SimulationVerb.UnscheduleCheckpoints => "unschedule-checkpoints",
        SimulationVerb.DeclareDead => "declare-dead",
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "It must be cancel, pause, resume, checkpoint or declareDead."),
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
