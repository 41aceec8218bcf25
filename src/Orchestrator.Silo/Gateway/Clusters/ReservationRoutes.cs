using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>Reservations, and what they collide with.</summary>
internal static class ReservationRoutes
{
    public static void Map(Routes routes)
    {
        var (access, clock) = (routes.Get<ClusterAccess>(), routes.Get<TimeProvider>());
        routes.Map("GET", "/v1/reservations", new() { Summary = "Reservations by start.", Returns = typeof(Page<Reservation>) }, async call =>
        {
            call.Query.Check();
            var all = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Reservations;
            return Reply.Json(new Page<Reservation> { Items = [.. all.Where(reservation => call.Caller.Sees(reservation.Owner))] });
        });
        routes.Map(
            "POST", "/v1/reservations",
            new()
            {
                Summary = "Ask for nodes at a time. 201: it has them, or its conflict is open; 409: others won, with when and where it would fit.",
                Role = Role.Submitter,
                Action = "reservation.add",
                Takes = typeof(ReservationRequest),
                Returns = typeof(ArrangementReply),
                Status = 201,
            },
            async call =>
            {
                var request = call.ReadOrder<ReservationRequest>();
                call.Subject = request.Id;
                var known = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Reservations;
                var reservation = Read(request, known, call.Caller, clock.GetUtcNow());
                var reply = await access.Cluster.RequestReservationAsync(reservation, CancellationToken.None);
                if (reply is { Accepted: false, Reservation.State: ReservationState.Cancelled })
                {
                    throw new ProblemException(new()
                    {
                        Status = 409,
                        Title = $"{reservation.Id} did not get its nodes: {reply.Problem.TrimEnd('.')}.",
                        Problems = [.. BodyCheck.Refused(reply.Problem).Problem.Problems.Select(problem => problem with { Allowed = Offers(reply.Offers) ?? problem.Allowed })],
                    });
                }

                return ClusterAccess.Answer(reply, reservation.Id, 201) with { Location = "/v1/reservations" };
            });
        routes.Map(
            "POST", "/v1/reservations/{id}/cancel",
            new() { Summary = "Give a reservation back.", Role = Role.Submitter, Action = "reservation.cancel", Takes = typeof(Reasoned), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var (id, reason) = (call.Route("id"), Reasoned.From(call).Reason ?? "");
                await ControlAsync(call, id, "cancel");
                return ClusterAccess.Answer(await access.Cluster.CancelReservationAsync(id, reason, CancellationToken.None), reason);
            });
        routes.Map(
            "POST", "/v1/reservations/{id}/complete",
            new() { Summary = "The work for which a reservation in force was made is done before its end: its nodes are free.", Role = Role.Submitter, Action = "reservation.complete", Takes = typeof(Reasoned), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var (id, reason) = (call.Route("id"), Reasoned.From(call).Reason);
                await ControlAsync(call, id, "complete");
                return ClusterAccess.Answer(await access.Cluster.CompleteReservationAsync(id, CancellationToken.None), reason);
            });
        routes.Map(
            "GET", "/v1/conflicts",
            new() { Summary = "Conflicts of reservations and windows, newest first.", Role = Role.Operator, Query = [new("resolved", "true: those that were decided; false: those that are open. Default: all.")], Returns = typeof(Page<ReservationConflict>) },
            async call =>
            {
                var resolved = call.Query.Flag("resolved");
                call.Query.Check();
                var arranged = await access.Cluster.GetArrangementsAsync(call.Cancellation);
                var seen = arranged.Reservations.Where(reservation => call.Caller.Sees(reservation.Owner)).Select(static reservation => reservation.Id).ToHashSet(StringComparer.Ordinal);
                return Reply.Json(new Page<ReservationConflict>
                {
                    Items =
                    [
                        .. arranged.Conflicts.Where(conflict => (resolved is null || conflict.Resolved == resolved)
                            && (call.Caller.SeesEverything || seen.Contains(conflict.Reservation) || conflict.With.Any(seen.Contains))),
                    ],
                });
            });
        routes.Map(
            "POST", "/v1/conflicts",
            new() { Summary = "Decide a conflict that was left to operators.", Role = Role.Operator, Action = "conflict.decide", Takes = typeof(ConflictRequest), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var request = call.ReadOrder<ConflictRequest>();
                call.Subject = request.Conflict;
                var check = new BodyCheck(clock.GetUtcNow());
                check.Require(!string.IsNullOrEmpty(request.Conflict), "conflict", "it is missing", "the id of a conflict");
                check.Require(request.Newer is not null, "newer", "it is missing", "true: the newer reservation gets the nodes; false: the others keep them");
                check.Throw();
                return ClusterAccess.Answer(await access.Cluster.DecideConflictAsync(request.Conflict, request.Newer == true, CancellationToken.None), request.Conflict);
            });

        async Task ControlAsync(Call call, string id, string verb)
        {
            var all = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Reservations;
            var known = all.FirstOrDefault(reservation => reservation.Id == id);
            if (known is null || !call.Caller.Sees(known.Owner))
            {
                throw ProblemException.NotFound($"The reservation {id}");
            }

            if (!call.Caller.Controls(known.Owner))
            {
                throw ProblemException.Forbidden($"{id} is {(known.Owner.User.Length == 0 ? $"the project {known.Owner.Project}" : known.Owner.User)}'s; an operator may {verb} it.");
            }
        }
    }

    /// <exception cref="ProblemException">Something is wrong: all of it is told.</exception>
    private static Reservation Read(ReservationRequest request, ImmutableArray<Reservation> known, Caller caller, DateTimeOffset now)
    {
        var check = new BodyCheck(now);
        var (start, end) = check.Span(request.Start, request.End, request.Duration);
        var reservation = new Reservation
        {
            Id = request.Id ?? "",
            Kind = check.Choice("kind", request.Kind, ReservationKind.Exclusive),
            Start = start,
            End = end,
            Wanted = new()
            {
                Nodes = request.Nodes,
                RanksPerNode = request.Cores,
                MemoryPerNode = check.Size("memory", request.Memory),
                GpusPerNode = request.Gpus,
                GpuModel = request.GpuModel,
                Features = request.Features.IsDefault ? [] : request.Features,
                Within = request.Within,
            },
            Owner = Owner(request, caller, check),
            Priority = check.Choice("class", request.Class, PriorityClass.Medium),
            Strategy = check.Choice("strategy", request.Strategy, ConflictStrategy.PriorityBased),
            Preemptible = request.Preemptible,
        };
        check.Require(request.Nodes >= 1, "nodes", $"it is {request.Nodes}", "1 or more");
        check.Require(request.Cores >= 1, "cores", $"it is {request.Cores}", "1 or more on each node");
        check.Require(request.Gpus >= 0, "gpus", $"it is {request.Gpus}", "0 or more on each node");
        check.Add(ReservationMachine.Problems(reservation, known, now).Where(static problem => !problem.Field.StartsWith("wanted.", StringComparison.Ordinal)));
        check.Throw();
        return reservation;
    }

    private static Ownership Owner(ReservationRequest request, Caller caller, BodyCheck check)
    {
        var principal = caller.Principal;
        var project = request.Project ?? (principal is { Institution.Length: > 0, Projects: [var only] } ? $"{principal.Institution}/{only}" : "");
        var parts = project.Split('/');
        if (parts is not [{ Length: > 0 } institution, { Length: > 0 } name] || !caller.Sees(institution, name) || !AccountId.TryParse($"p-{institution}.{name}", out var account))
        {
            check.Refuse("project", project.Length == 0 ? "it is missing" : $"\"{project}\" is not yours", caller.SeesEverything ? "institution/project"
                : principal.Projects.IsEmpty ? $"{principal.Institution}/any" : string.Join(", ", principal.Projects.Select(one => $"{principal.Institution}/{one}")));
            return new();
        }

        var user = request.User ?? principal.User;
        check.Require(user == principal.User || principal.Role >= Role.Operator, "user", $"\"{user}\" is not you", $"{principal.User}; an operator may reserve for others");
        return new() { Institution = institution, Project = name, User = user, Account = account };
    }

    private static string? Offers(ImmutableArray<ReservationOffer> offers) => offers.IsDefaultOrEmpty ? null : "it would fit " + string.Join("; ", offers.Take(3).Select(static offer =>
        string.Create(CultureInfo.InvariantCulture, $"from {offer.Start.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} to {offer.End.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}")
        + (offer.Nodes.IsDefaultOrEmpty ? "" : $" on {string.Join(", ", offer.Nodes)}")));
}
