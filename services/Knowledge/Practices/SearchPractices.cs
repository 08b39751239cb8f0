using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Knowledge;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>Finds published practices. Best match first, a word in the title counting most; without words the latest first.</summary>
internal static class SearchPractices
{
    private const int DefaultPage = 20;

    private const string Found = """
        SELECT p.practice_id, p.kind, p.theme, p.title, p.summary, p.organisation_id, p.published_on
        FROM practice_index i JOIN practices p ON p.practice_number = i.rowid
        WHERE practice_index MATCH $words AND ($theme = 0 OR p.theme = $theme) AND ($kind = 0 OR p.kind = $kind)
        ORDER BY bm25(practice_index, 10.0, 4.0, 1.0), p.practice_number LIMIT $limit OFFSET $offset
        """;

    private const string Latest = """
        SELECT p.practice_id, p.kind, p.theme, p.title, p.summary, p.organisation_id, p.published_on
        FROM practices p
        WHERE p.published_on IS NOT NULL AND ($theme = 0 OR p.theme = $theme) AND ($kind = 0 OR p.kind = $kind)
        ORDER BY p.published_on DESC, p.practice_number DESC LIMIT $limit OFFSET $offset
        """;

    public static void CheckFields(SearchPracticesRequest request, FieldChecks checks) =>
        // Blanks are no search; signs alone are one that could never find anything.
        checks.Require(SearchWords.ToQuery(request.Query).Length > 0 || SearchWords.IsBlank(request.Query), "query", "Holds no letter or digit to search for.");

    public static SearchPracticesResponse Run(SearchPracticesRequest request, ReadSession<KnowledgeStore> session)
    {
        var words = SearchWords.ToQuery(request.Query);
        var page = new ListPage(request, session.Caller, DefaultPage);
        var offset = page.After(0);
        var command = words.Length > 0 ? session.Command(Found).Set("$words", words) : session.Command(Latest);
        command.Set("$theme", (int)request.Theme).Set("$kind", (int)request.Kind).Set("$limit", page.Limit).Set("$offset", offset);
        using var row = command.ExecuteReader();
        var found = new List<PracticeSummary>();
        while (row.Read()) found.Add(Summary(row));

        // The best match has no key that stays: the page begins behind so many.
        var (practices, next) = page.Cut(found, _ => $"{offset + page.Limit - 1}");
        return new SearchPracticesResponse { Practices = { practices }, NextPageToken = next };
    }

    private static PracticeSummary Summary(SqliteDataReader row) => new()
    {
        PracticeId = Ids.FromBytes(row.GetFieldValue<byte[]>(0)).Text(),
        Kind = (PracticeKind)row.GetInt32(1),
        Theme = (PracticeTheme)row.GetInt32(2),
        Title = row.GetString(3),
        Summary = row.GetString(4),
        OrganisationId = row.GetString(5),
        PublishedOn = StoreContext.Date(row.GetInt32(6)).ToDate(),
    };
}
