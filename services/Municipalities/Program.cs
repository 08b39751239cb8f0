using BeschutWerk.Backbone;
using BeschutWerk.Municipalities;

return await ServiceProcess.RunAsync(args, "municipalities", builder => builder.AddMunicipalities(), routes => routes.MapMunicipalities());
