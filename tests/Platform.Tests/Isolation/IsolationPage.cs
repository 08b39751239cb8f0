using System.Globalization;
using System.Text;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>The page of the documentation that says what was tried.</summary>
internal static class IsolationPage
{
    private static readonly string[] ToStrangers = ["KIND_NOT_ALLOWED", "NOT_AUTHENTICATED"];

    public static string Of(Matrix matrix, IReadOnlyCollection<Who> everybody)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # What is another's looks like what does not exist

            Every call of the contracts is made by everybody below. At each place where a request names something, it names what is
            another's, and beside that what nobody has. Both answers must be the same: status, reason, text, fields and details. Nothing
            of another's stands in any answer, and a call that is refused stores nothing. {matrix.Count} combinations, of which
            {matrix.FeedsRead} are logs that are read to their end.

            `IsolationMatrixTests` makes them from the contracts and checks this page. After a change of the contracts, write it anew:
            `ISOLATION_WRITE=1 artifacts/bin/Platform.Tests/debug/BeschutWerk.Platform.Tests -class "*.IsolationMatrixTests"`.

            **Who calls**: {string.Join("; ", everybody.Select(who => who.Name))}.

            **Answers**: who may not call at all gets `KIND_NOT_ALLOWED`, without a token `NOT_AUTHENTICATED`, whatever is named. The
            last column says what the others get. `INVALID_FIELDS` is the answer to a page token of another list, filter or caller.
            A `request_id` that somebody else used is new to the caller, so that the call goes on to whatever else it is answered.

            | call | may call | another's, named at | combinations | answered alike |
            |---|---|---|---|---|

            """);
        foreach (var row in matrix.Rows) page.Append(Line(row)).Append('\n');
        return page.ToString();
    }

    private static string Line(MatrixRow row)
    {
        var places = row.Tries.SelectMany(tried => tried.Places).Select(place => place.Name).Distinct().Order(StringComparer.Ordinal);
        var outcomes = row.Outcomes.Except(ToStrangers).ToList();
        return $"| `{row.Method.Service.Name}.{row.Method.Name}` | {string.Join(", ", CallersOf(row.Method))} | "
            + $"{Listed(places)} | {row.Tries.Count} | {Listed(outcomes)} |";
    }

    private static string Listed(IEnumerable<string> names) =>
        string.Join(", ", names.Select(name => $"`{name}`")) is { Length: > 0 } list ? list : "–";

    private static IEnumerable<string> CallersOf(MethodDescriptor method) => method.GetOptions().GetExtension(RulesExtensions.Callers)
        .Select(kind => kind.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal);
}
