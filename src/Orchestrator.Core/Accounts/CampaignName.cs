namespace Orchestrator.Core.Accounts;

/// <summary>
/// Whose the name of a campaign is. Names are one space for all institutions, and orders, priorities and scenario sets go by them: so a name belongs to the project that first had work under it, and there
/// to the users who have.
/// </summary>
public static class CampaignName
{
    /// <summary>Why work may not come under a name, as a sentence that names the field and what is allowed; null: it may. It does not tell strangers whose the name is.</summary>
    /// <param name="field">How the name is called where it was given.</param>
    /// <param name="name">Of the campaign.</param>
    /// <param name="owner">Whose the work is.</param>
    /// <param name="role">Of who submits it: an operator adds to what is another user's of the project.</param>
    /// <param name="holders">Whose the work is that is under the name; none: it is free.</param>
    public static string? Problem(string field, string name, Ownership owner, Role role, IReadOnlyCollection<Ownership> holders)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(holders);
        var own = holders.Where(holder => holder.IsOfProjectOf(owner)).ToArray();
        return
            // Where several projects have work under one name, from before names were anybody's, each goes on with its own.
            holders.Count > 0 && own.Length == 0 ? $"{field}: \"{name}\" is the name of a campaign of others; another name is allowed."
            : role < Role.Operator && own.Length > 0 && own.All(holder => holder.User != owner.User)
                ? $"{field}: \"{name}\" is the name of a campaign of {own[0].User}; another name is allowed, or that an operator adds to it."
            : null;
    }
}
