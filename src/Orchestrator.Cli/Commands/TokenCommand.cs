using System.CommandLine;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Accounts;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator token create|list|revoke</c>.</summary>
internal static class TokenCommand
{
    public static Command Create() => new("token", "Make, list and revoke tokens for callers over TCP.") { Make(), List(), Revoke() };

    private static DocumentedCommand Make()
    {
        var user = new Argument<string>("USER") { Description = "Whose it is." };
        var institution = new Option<string>("--institution") { Description = "The institution of the user.", HelpName = "NAME", Required = true };
        var project = new Option<string[]>("--project") { Description = "A project it is for; can be repeated. Default: all of the institution.", HelpName = "NAME" };
        var role = new Option<Role>("--role") { Description = "viewer, submitter, operator or administrator. Default: submitter.", HelpName = "ROLE", DefaultValueFactory = static _ => Role.Submitter };
        var lifetime = new Option<string?>("--lifetime") { Description = "Valid for so long, as in 30d or 12:00:00. Default: until it is revoked.", HelpName = "TIME" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "create", "Make a token. It is printed once and stored nowhere: put it into a file that only its user can read.",
            ["orchestrator token create alice --institution eth --project climate --lifetime 30d > alice.token"],
            (ExitCodes.Success, "the token is on standard output, alone"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            user, institution, project, role, lifetime, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            TimeSpan? valid = null;
            if (parsed.GetValue(lifetime) is { } text)
            {
                valid = DurationText.TryParse(text, out var duration, out var problem) ? duration : throw new CommandException($"--lifetime {text}: {problem}", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var token = await client.CreateTokenAsync(
                new TokenRequest
                {
                    User = parsed.GetRequiredValue(user),
                    Institution = parsed.GetRequiredValue(institution),
                    Projects = [.. parsed.GetValue(project) ?? []],
                    Role = parsed.GetValue(role),
                    Lifetime = valid,
                },
                cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(token);
            }
            else
            {
                context.Output.WriteLine(token.Secret);
                context.Error.WriteLine($"token {token.Id} for {token.User}@{token.Institution}, {Words.Status(token.Role)}; it is not shown again");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand List()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", "List the tokens, without their secrets.", ["orchestrator token list"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            var tokens = await client.ListTokensAsync(cancellationToken).ToListAsync(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(tokens);
                return ExitCodes.Success;
            }

            var now = context.Clock.GetUtcNow();
            var table = new TextTable("ID", "USER", "INSTITUTION", "PROJECTS", "ROLE", "STATE", "LAST USED");
            foreach (var token in tokens)
            {
                var state = token.RevokedAt is { } revoked ? $"revoked {Words.Time(revoked, now)}" : token.ExpiresAt is { } expires ? (expires <= now ? "expired" : $"until {Words.Time(expires, now)}") : "valid";
                table.Add(token.Id, token.User, token.Institution, token.Projects.IsDefaultOrEmpty ? "all" : string.Join(',', token.Projects), Words.Status(token.Role), state, Words.Ago(token.LastUsedAt, now));
            }

            table.Write(context.Output, context.Style);
            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Revoke()
    {
        var id = new Argument<string>("ID") { Description = "As in `orchestrator token list`." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("revoke", "Revoke a token at once.", ["orchestrator token revoke 3f9a2c"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { id, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            await client.RevokeTokenAsync(parsed.GetRequiredValue(id), cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(new { Revoked = parsed.GetRequiredValue(id) });
            }
            else
            {
                context.Output.WriteLine($"revoked {parsed.GetRequiredValue(id)}");
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
