using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Tokens;

/// <summary>Access tokens: made, listed and revoked by administrators.</summary>
internal static class TokenRoutes
{
    private const string NameAllowed = "1 to 60 letters, digits, '.', '_', '@' and '-'";

    public static void Map(Routes routes)
    {
        var (tokens, clock) = (routes.Get<ITokenStore>(), routes.Get<TimeProvider>());
        routes.Map(
            "POST", "/v1/tokens",
            new() { Summary = "Make a token; its secret is in this answer and nowhere else.", Role = Role.Administrator, Action = "token.create", Takes = typeof(TokenRequest), Returns = typeof(TokenDocument), Status = 201 },
            async call =>
            {
                var request = call.Read<TokenRequest>();
                Check(request, call.Caller);
                var (record, token) = TokenMaker.Make(request, clock.GetUtcNow());
                call.Subject = record.TokenId;
                await tokens.CreateAsync(record, CancellationToken.None);
                return Reply.Json(Document(record) with { Secret = token }, 201) with { Location = $"/v1/tokens/{record.TokenId}", Details = $"{record.TokenId} for {request.User}@{request.Institution} as {request.Role}" };
            });
        routes.Map("GET", "/v1/tokens", new() { Summary = "All tokens, without their secrets.", Role = Role.Administrator, Returns = typeof(Page<TokenDocument>) }, async call =>
        {
            call.Query.Check();
            var all = await tokens.ListAsync(call.Caller.SeesEverything ? null : call.Caller.Principal.Institution, call.Cancellation);
            return Reply.Json(new Page<TokenDocument> { Items = [.. all.Select(Document)] });
        });
        routes.Map("DELETE", "/v1/tokens/{id}", new() { Summary = "Revoke a token. It may still be believed for a few seconds.", Role = Role.Administrator, Action = "token.revoke", Status = 204 }, async call =>
        {
            var id = call.Route("id");
            if (await tokens.FindAsync(id, call.Cancellation) is not { } token || !(call.Caller.SeesEverything || token.Institution == call.Caller.Principal.Institution))
            {
                throw ProblemException.NotFound($"The token {id}");
            }

            await tokens.RevokeAsync(id, clock.GetUtcNow(), CancellationToken.None);
            return Reply.Empty;
        });
    }

    private static void Check(TokenRequest request, Caller caller)
    {
        var problems = new List<InputProblem>();
        if (!IsName(request.User))
        {
            problems.Add(new() { Path = "user", Message = $"\"{request.User}\" is not allowed", Allowed = NameAllowed });
        }

        if (request.Institution.Length > 0 && !IsName(request.Institution))
        {
            problems.Add(new() { Path = "institution", Message = $"\"{request.Institution}\" is not allowed", Allowed = NameAllowed + "; empty for all institutions" });
        }
        else if (!caller.SeesEverything && request.Institution != caller.Principal.Institution)
        {
            problems.Add(new() { Path = "institution", Message = $"\"{request.Institution}\" is not yours", Allowed = caller.Principal.Institution });
        }

        foreach (var project in request.Projects.IsDefault ? [] : request.Projects.Where(static project => !IsName(project)))
        {
            problems.Add(new() { Path = "projects", Message = $"\"{project}\" is not allowed", Allowed = NameAllowed });
        }

        if (request.Institution.Length == 0 && !request.Projects.IsDefaultOrEmpty)
        {
            problems.Add(new() { Path = "projects", Message = "projects need an institution", Allowed = "no projects, or an institution" });
        }

        if (request.Role == Role.Absent || !Enum.IsDefined(request.Role))
        {
            problems.Add(new() { Path = "role", Message = "no such role", Allowed = "viewer, submitter, operator, administrator" });
        }

        if (request.Lifetime is { } lifetime && (lifetime <= TimeSpan.Zero || lifetime > TimeSpan.FromDays(3660)))
        {
            problems.Add(new() { Path = "lifetime", Message = $"{lifetime} is not allowed", Allowed = "more than zero, at most ten years, as [days.]hours:minutes:seconds; none: it does not expire" });
        }

        if (problems.Count > 0)
        {
            throw ProblemException.Unprocessable(problems.Count == 1 ? $"{problems[0].Path}: {problems[0].Message}." : $"{problems.Count} members are wrong.", [.. problems]);
        }
    }

    private static bool IsName(string? text) =>
        text is { Length: >= 1 and <= 60 } && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' or '@');

    private static TokenDocument Document(TokenRecord token) => new()
    {
        Id = token.TokenId,
        User = token.User,
        Institution = token.Institution ?? "",
        Projects = [.. token.Projects],
        Role = Enum.TryParse<Role>(token.Role, ignoreCase: true, out var role) ? role : Role.Absent,
        CreatedAt = token.CreatedAt,
        ExpiresAt = token.ExpiresAt,
        RevokedAt = token.RevokedAt,
        LastUsedAt = token.LastUsedAt,
    };
}
