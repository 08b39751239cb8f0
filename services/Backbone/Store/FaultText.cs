using System.Text;
using Grpc.Core;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>An error as the log tells it: what and where, without its text, which may quote what somebody sent.</summary>
public static class FaultText
{
    /// <summary>The type of the error and of those inside it, each with its code and stack trace.</summary>
    public static string Of(Exception error)
    {
        var text = new StringBuilder();
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (text.Length > 0) text.AppendLine().Append("because of ");
            text.Append(inner.GetType().FullName).Append(CodeOf(inner));
            if (inner.StackTrace is { } trace) text.AppendLine().Append(trace);
        }

        return text.ToString();
    }

    private static string CodeOf(Exception error) => error switch
    {
        SqliteException sqlite => $" {sqlite.SqliteExtendedErrorCode}",
        RpcException call => $" {call.StatusCode}",
        RefusalException refused => $" {refused.Refusal.Reason}",
        HttpRequestException http => $" {http.HttpRequestError}",
        _ => "",
    };
}
