using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Persons;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Writes of the test services, as a use case would do them.</summary>
internal static class Slices
{
    /// <summary>Adds a note and raises an event about it; a note with this text is refused.</summary>
    public const string Refused = "refuse me";

    public static Guid AddNote<TStore>(WriteSession<TStore> session, string text, Guid? id = null) where TStore : NoteTables
    {
        var note = new Note { NoteId = id ?? Ids.New(), Text = text, RecordedAt = session.Now, Day = session.Today, Kind = NoteKind.Plain, Version = 1 };
        session.Store.Notes.Add(note);
        var subject = text.Length > 40 ? "long" : text;
        session.Raise(new CaseOpened { CaseId = subject }, subject);
        // After the rows and the event: what is refused must take both back.
        if (text == Refused) throw Refusal.Of(Contracts.Backbone.ErrorReason.StateForbids, "This text is refused.").ToException();
        return note.NoteId;
    }

    public static void Register(WriteSession<NotesPlatform> session, string code, TenantRegistry tenants)
    {
        session.Command("INSERT INTO tenants (code, name, state, version) VALUES ($code, $code, 1, 1)").Set("$code", code).ExecuteNonQuery();
        session.Raise(new TenantRegistered { Municipality = code, Name = code }, code);
        session.AfterCommit(() => tenants.Registered(TenantId.Parse(code)));
    }
}

/// <summary>TenantService over the test stores; SuspendTenant writes its reason as a note into the municipality's store.</summary>
internal sealed class TenantCalls(Calls<NotesStore, NotesPlatform> calls, BeschutWerk.Backbone.ServiceRuntime<NotesStore, NotesPlatform> runtime)
    : TenantService.TenantServiceBase
{
    public override Task<RegisterTenantResponse> RegisterTenant(RegisterTenantRequest request, ServerCallContext context) =>
        calls.WritePlatform(request, context, (r, session) =>
        {
            Slices.Register(session, r.Municipality, runtime.Tenants);
            return new RegisterTenantResponse { Tenant = new Tenant { Municipality = r.Municipality } };
        });

    public override Task<GetTenantResponse> GetTenant(GetTenantRequest request, ServerCallContext context) =>
        calls.ReadPlatform(request, context, (r, _) => runtime.Tenants.Find(TenantId.Parse(r.Municipality)) is null
            ? throw BeschutWerk.Backbone.Store.Refusal.UnknownTenant().ToException()
            : new GetTenantResponse { Tenant = new Tenant { Municipality = r.Municipality, State = TenantState.Active } });

    public override Task<SuspendTenantResponse> SuspendTenant(SuspendTenantRequest request, ServerCallContext context) =>
        calls.Write(request, context, (r, session) =>
        {
            var id = Slices.AddNote(session, r.Reason);
            return new SuspendTenantResponse { Tenant = new Tenant { Municipality = r.Municipality, Name = id.Text() } };
        });

    /// <summary>Prepares outside the transaction, counted.</summary>
    public override Task<ResumeTenantResponse> ResumeTenant(ResumeTenantRequest request, ServerCallContext context) =>
        calls.Write(request, context, async (_, scope) =>
        {
            Interlocked.Increment(ref Prepared);
            return await scope.ReadAsync(session => session.Store.Notes.Count());
        }, (r, before, session) =>
        {
            Slices.AddNote(session, r.RequestId);
            return new ResumeTenantResponse { Tenant = new Tenant { Municipality = r.Municipality, Version = before } };
        });

    public static int Prepared;
}

/// <summary>CaseService over the test stores, for what needs a person or a municipality's own token.</summary>
internal sealed class CaseCalls(Calls<NotesStore, NotesPlatform> calls) : CaseService.CaseServiceBase
{
    /// <summary>The case of a person with a name that ends so fails, with an error that quotes the request.</summary>
    public const string Quoted = " Quote";

    public override Task<OpenCaseResponse> OpenCase(OpenCaseRequest request, ServerCallContext context) =>
        calls.Write(request, context, (r, session) =>
        {
            if (r.Person.Name.EndsWith(Quoted, StringComparison.Ordinal)) throw new InvalidOperationException($"Who is {r.Person}?", new FormatException(r.Person.Bsn));
            var person = session.Persons.FindOrAdd(r.Person).PersonId;
            session.Store.Notes.Add(new Note { NoteId = Ids.Parse(r.RequestId), Text = "case", AuthorId = person, RecordedAt = session.Now, Kind = NoteKind.Urgent, Version = 1 });
            session.Raise(new CaseOpened { CaseId = r.RequestId }, r.RequestId);
            return new OpenCaseResponse { CaseId = person.Text(), Version = 1 };
        });

    public override Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context) =>
        calls.Read(request, context, (r, session) => session.Store.Notes.Find(Ids.Parse(r.CaseId)) is null
            ? throw Refusal.NotFound("case").ToException()
            : new GetCaseResponse());
}
