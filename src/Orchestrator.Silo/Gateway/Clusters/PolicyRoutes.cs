using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Definitions;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>By what the cluster plans: the policy, licences, energy.</summary>
internal static class PolicyRoutes
{
    public static void Map(Routes routes)
    {
        var access = routes.Get<ClusterAccess>();
        routes.Map("GET", "/v1/policy", new() { Summary = "The policy in force, and how the site's hook does.", Returns = typeof(PolicyDocument) }, async call =>
        {
            call.Query.Check();
            var arranged = await access.Cluster.GetArrangementsAsync(call.Cancellation);
            return Reply.Json(new PolicyDocument
            {
                Text = arranged.Policy,
                File = PolicyText.Read(await access.Cluster.GetPolicyAsync(call.Cancellation)) is { } settings ? PolicyFile.Write(settings) : "",
                Hook = arranged.Hook is { SaidAt: null, FailedAt: null } ? null : new()
                {
                    SaidAt = arranged.Hook.SaidAt,
                    Named = arranged.Hook.Verdicts.Count,
                    Vetoed = arranged.Hook.Verdicts.Values.Count(static verdict => verdict.Veto),
                    FailedAt = arranged.Hook.FailedAt,
                    Error = arranged.Hook.Error,
                    Ignored = arranged.Hook.Ignored,
                },
            });
        });
        routes.Map(
            "PUT", "/v1/policy",
            new() { Summary = "Plan by this policy file from now on; an empty one: by that with which the silo was started.", Role = Role.Administrator, Action = "policy.set", Takes = typeof(string), TakesMedia = "application/yaml", Returns = typeof(ArrangementReply) },
            async call =>
            {
                var text = call.ReadText();
                if (text.Trim().Length == 0)
                {
                    return ClusterAccess.Answer(await access.Cluster.SetPolicyAsync("", CancellationToken.None), "as the silo was started");
                }

                var reading = PolicyFile.Read(text);
                if (reading.Settings is not { } settings)
                {
                    throw ProblemException.Unprocessable(
                        reading.Problems.Length == 1 ? "The policy has a mistake; nothing was changed." : $"The policy has {reading.Problems.Length} mistakes; nothing was changed.",
                        [.. reading.Problems.Select(static problem => new InputProblem { Line = (int)problem.Line, Column = (int)problem.Column, Path = problem.Path, Message = problem.Message, Allowed = problem.Allowed })]);
                }

                return ClusterAccess.Answer(await access.Cluster.SetPolicyAsync(PolicyText.Write(settings), CancellationToken.None), null);
            });
        routes.Map("GET", "/v1/licences", new() { Summary = "All licences that there are, by name.", Returns = typeof(ImmutableSortedDictionary<string, int>) }, async call =>
        {
            call.Query.Check();
            return Reply.Json((await access.Cluster.GetArrangementsAsync(call.Cancellation)).Licences);
        });
        routes.Map(
            "PUT", "/v1/licences",
            new() { Summary = "Say how many there are of each licence; one that is not named is not there.", Role = Role.Operator, Action = "licences.set", Takes = typeof(ImmutableSortedDictionary<string, int>), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var licences = call.Read<ImmutableSortedDictionary<string, int>>();
                Check(licences.ToImmutableSortedDictionary(static pair => pair.Key, static pair => (int?)pair.Value));
                return ClusterAccess.Answer(await access.Cluster.SetLicencesAsync(licences, CancellationToken.None), string.Join(", ", licences.Select(static pair => $"{pair.Key} {pair.Value}")));
            });
        routes.Map(
            "PATCH", "/v1/licences",
            new() { Summary = "Say how many there are of some licences; null: one is there no more. What is not named stays, whoever changes it at the same time.", Role = Role.Operator, Action = "licences.set", Takes = typeof(ImmutableSortedDictionary<string, int?>), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var licences = call.Read<ImmutableSortedDictionary<string, int?>>();
                Check(licences);
                return ClusterAccess.Answer(
                    await access.Cluster.ChangeLicencesAsync(licences.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value ?? -1), CancellationToken.None),
                    string.Join(", ", licences.Select(static pair => $"{pair.Key} {pair.Value?.ToString(CultureInfo.InvariantCulture) ?? "none"}")));
            });
        routes.Map("GET", "/v1/energy", new() { Summary = "The energy mode in force, what energy costs, and what each mode would save.", Returns = typeof(EnergyReport) }, async call =>
        {
            call.Query.Check();
            return Reply.Json(await access.Cluster.GetEnergyAsync(call.Cancellation));
        });
        routes.Map(
            "PUT", "/v1/energy",
            new() { Summary = "Set the energy mode, and what a kilowatt-hour costs from each moment on.", Role = Role.Operator, Action = "energy.set", Takes = typeof(EnergyOutlook), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var energy = call.Read<EnergyOutlook>();
                return ClusterAccess.Answer(await access.Cluster.SetEnergyAsync(energy, CancellationToken.None), Names.Camel(energy.Mode.ToString()));
            });
    }

    /// <exception cref="ProblemException">Something is wrong: all of it is told.</exception>
    private static void Check(ImmutableSortedDictionary<string, int?> licences)
    {
        var check = new BodyCheck(default);
        foreach (var (name, count) in licences)
        {
            check.Require(name.Length > 0, "licences", "a name is empty", "the name of a licence");
            check.Require(count is null or >= 0, $"licences.{name}", FormattableString.Invariant($"it is {count}"), "0 or more");
        }

        check.Throw();
    }
}
