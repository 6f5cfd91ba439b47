//! What `check` says of files that are not as rendered, and what `render` does about them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::Folder;

fn rendered() -> Folder {
    let folder = Folder::minimal();
    folder.run(&["render"]).expect(0);
    folder
}

#[test]
fn up_to_date() {
    insta::assert_snapshot!(rendered().run(&["check"]).expect(0).transcript());
}

#[test]
fn missing() {
    let folder = rendered();
    folder.remove("out/demo/service.yaml");
    insta::assert_snapshot!(folder.run(&["check", "envs/demo.toml"]).expect(1).transcript());
    folder.run(&["render"]).expect(0);
    folder.run(&["check"]).expect(0);
}

#[test]
fn stale() {
    let folder = rendered();
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\nmemory = \"1Gi\"");
    insta::assert_snapshot!(folder.run(&["check"]).expect(1).transcript());
}

#[test]
fn edited_by_hand() {
    let folder = rendered();
    folder.edit("out/demo/service.yaml", "containerConcurrency: 80", "containerConcurrency: 81");
    insta::assert_snapshot!("edited_by_hand_check", folder.run(&["check"]).expect(1).transcript());
    insta::assert_snapshot!("edited_by_hand_render", folder.run(&["render", "--diff"]).expect(0).transcript());
    folder.run(&["check"]).expect(0);
}

#[test]
fn run_bit_lost() {
    let folder = rendered();
    let start = folder.path().join("out/image/websocket/start.sh");
    fs::set_permissions(&start, fs::Permissions::from_mode(0o644)).unwrap();
    insta::assert_snapshot!(folder.run(&["check"]).expect(1).transcript());
    folder.run(&["render"]).expect(0);
    assert_eq!(start.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    folder.run(&["check"]).expect(0);
}

#[test]
fn orphaned_artifact() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\n[api]\nurl = \"https://api.example.com\"");
    folder.run(&["render"]).expect(0);
    folder.edit("envs/demo.toml", "[api]\nurl = \"https://api.example.com\"", "");
    insta::assert_snapshot!("orphaned_artifact_check", folder.run(&["check"]).expect(1).transcript());
    folder.run(&["render", "--dry-run"]).expect(0);
    assert!(folder.path().join("out/demo/api.env").exists(), "a dry run removes nothing");
    insta::assert_snapshot!("orphaned_artifact_render", folder.run(&["render"]).expect(0).transcript());
    assert!(!folder.path().join("out/demo/api.env").exists());
    folder.run(&["check"]).expect(0);
}

#[test]
fn orphaned_environment() {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml");
    folder.write("envs/old.toml", &demo.replace("websocket", "websocket-free"));
    folder.run(&["render"]).expect(0);
    folder.remove("envs/old.toml");
    // One environment alone does not tell what the others are.
    folder.run(&["check", "envs/demo.toml"]).expect(0);
    insta::assert_snapshot!("orphaned_environment_check", folder.run(&["check"]).expect(1).transcript());
    folder.run(&["render"]).expect(0);
    assert!(!folder.path().join("out/old").exists());
    assert!(!folder.path().join("out/image/websocket-free").exists());
    folder.run(&["check"]).expect(0);
}

#[test]
fn an_orphan_that_was_edited_stays() {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml");
    folder.write("envs/old.toml", &demo);
    folder.run(&["render"]).expect(0);
    folder.remove("envs/old.toml");
    folder.write("out/old/service.yaml", "mine now\n");
    insta::assert_snapshot!("edited_orphan_render", folder.run(&["render"]).expect(0).transcript());
    assert_eq!(folder.read("out/old/service.yaml"), "mine now\n");
    assert!(!folder.path().join("out/old/portal.env").exists());
    insta::assert_snapshot!("edited_orphan_check", folder.run(&["check"]).expect(1).transcript());
    folder.remove("out/old/service.yaml");
    folder.run(&["render"]).expect(0);
    folder.run(&["check"]).expect(0);
    assert!(!folder.path().join("out/old").exists());
}

#[test]
fn another_folder_of_environments_is_not_judged() {
    let folder = rendered();
    let demo = folder.read("envs/demo.toml");
    folder.write("others/other.toml", &demo);
    folder.edit("others/other.toml", "max_instances", "service = \"other\"\nmax_instances");
    let union = folder.read("out/redirect-uris.txt");
    folder.edit("others/other.toml", "websocket", "websocket-free");
    folder.run(&["render", "others"]).expect(0);
    assert!(folder.path().join("out/demo/service.yaml").exists());
    assert_eq!(folder.read("out/redirect-uris.txt"), union, "the union is of all environments");
    // Nor does the usual folder's run take away the image that the other folder's environment needs.
    folder.run(&["render"]).expect(0);
    folder.run(&["check", "others"]).expect(0);
    folder.run(&["check"]).expect(0);
}

#[test]
fn two_files_of_one_name_share_no_folder() {
    let folder = rendered();
    folder.write("others/demo.toml", &folder.read("envs/demo.toml"));
    insta::assert_snapshot!("of_another", folder.run(&["render", "others/demo.toml"]).expect(2).transcript());
    folder.run(&["check"]).expect(0);
    // An environment that has moved takes its folder along.
    folder.remove("envs/demo.toml");
    folder.run(&["render", "others"]).expect(0);
    folder.run(&["check", "others"]).expect(0);
}

/// Without envs/, environments may lie in several folders. The list of all stays with the first that was rendered.
#[test]
fn environments_in_several_folders() {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml");
    fs::remove_dir_all(folder.path().join("envs")).unwrap();
    folder.write("a/one.toml", &demo).write("b/two.toml", &demo);
    folder.run(&["render", "a"]).expect(0);
    let union = folder.read("out/redirect-uris.txt");
    folder.run(&["render", "b"]).expect(0);
    assert_eq!(folder.read("out/redirect-uris.txt"), union);
    folder.run(&["check", "a"]).expect(0);
    folder.run(&["check", "b"]).expect(0);
}

/// However the folder is spelled, it is the same folder.
#[test]
fn an_orphan_is_found_from_everywhere() {
    let folder = rendered();
    folder.write("envs/old.toml", &folder.read("envs/demo.toml")).run(&["render"]).expect(0);
    folder.remove("envs/old.toml").write("deep/keep", "");
    symlink(folder.path().join("envs"), folder.path().join("link")).unwrap();
    let whole = folder.path().join("envs").to_string_lossy().into_owned();
    for (below, input) in
        [("", "envs"), ("", "./envs/"), ("", "link"), ("deep", "../envs"), ("envs", "."), ("", &whole)]
    {
        let run = folder.run_in(below, &["check", input]).expect(1);
        assert!(run.stdout.contains("orphaned"), "{input}: {}", run.transcript());
    }
    folder.run(&["render", "link"]).expect(0);
    folder.run(&["check"]).expect(0);
}

/// The command that a verdict names works where it is printed.
#[test]
fn the_fix_is_a_command_that_works() {
    let folder = rendered();
    folder.run(&["render", "--out", "else where"]).expect(0);
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\nmemory = \"1Gi\"");
    let run = folder.run_in("envs", &["check", "--out", "../else where"]).expect(1);
    let fix = "portalgen render demo.toml --out '../else where'";
    assert!(run.stdout.replace("\n                 ", " ").contains(fix), "{}", run.stdout);
    folder.run_in("envs", &["render", "demo.toml", "--out", "../else where"]).expect(0);
    folder.run(&["check", "--out", "else where"]).expect(0);
}

#[test]
fn a_link_that_leads_nowhere_is_no_environment_that_is_gone() {
    let folder = rendered();
    folder.remove("envs/demo.toml");
    symlink("nowhere", folder.path().join("envs/demo.toml")).unwrap();
    let run = folder.run(&["render"]).expect(2);
    assert!(run.stderr.contains("cannot read `envs/demo.toml`"), "{}", run.stderr);
    assert!(folder.path().join("out/demo/service.yaml").exists());
}

#[test]
fn a_dry_run_sees_what_is_in_the_way() {
    let folder = Folder::minimal();
    folder.write("out/demo/service.yaml", "theirs\n");
    folder.run(&["render", "--dry-run"]).expect(2);
}

#[test]
fn a_file_that_is_not_ours_is_never_touched() {
    let folder = Folder::minimal();
    folder.write("out/demo/service.yaml", "theirs\n");
    let verdicts = folder.run(&["check"]).expect(1).stdout;
    let verdicts: Vec<_> = verdicts.lines().take_while(|line| !line.starts_with("---")).collect();
    insta::assert_snapshot!("not_ours_check", verdicts.join("\n"));
    insta::assert_snapshot!("not_ours_render", folder.run(&["render"]).expect(2).transcript());
    let left = folder.tree("out");
    assert_eq!(left, [("out/demo/service.yaml".to_owned(), b"theirs\n".to_vec())], "nothing was written");
}

#[test]
fn another_programs_manifest_is_never_touched() {
    let folder = Folder::minimal();
    folder.write("out/demo/manifest.json", "{\"name\": \"a web app\"}\n");
    folder.run(&["render"]).expect(2);
    assert_eq!(folder.tree("out").len(), 1, "nothing was written");
}

#[test]
fn other_files_beside_ours_stay() {
    let folder = rendered();
    folder.write("out/demo/notes.txt", "mine\n").write("out/demo/terraform.tfstate", "{}\n");
    folder.run(&["check"]).expect(0);
    folder.remove("envs/demo.toml").write("envs/next.toml", &Folder::minimal().read("envs/demo.toml"));
    folder.run(&["render"]).expect(0);
    assert_eq!(folder.read("out/demo/notes.txt"), "mine\n");
    assert!(!folder.path().join("out/demo/service.yaml").exists());
}

#[test]
fn a_linked_output_folder_is_refused() {
    let folder = Folder::minimal();
    let elsewhere = Folder::empty();
    symlink(elsewhere.path(), folder.path().join("out")).unwrap();
    let run = folder.run(&["render"]).expect(2);
    assert!(run.stderr.contains("is a symbolic link"), "{}", run.stderr);
    assert!(elsewhere.tree("").is_empty());
}

#[test]
fn a_linked_folder_or_file_inside_is_refused() {
    for link in ["out/demo", "out/image", "out/demo/service.yaml"] {
        let folder = rendered();
        let elsewhere = Folder::empty();
        elsewhere.write("theirs", "theirs\n");
        let path = folder.path().join(link);
        let target = if path.is_dir() { elsewhere.path().to_owned() } else { elsewhere.path().join("theirs") };
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap()
        } else {
            fs::remove_file(&path).unwrap()
        }
        symlink(target, &path).unwrap();
        folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\nmemory = \"1Gi\"");
        folder.run(&["render"]).expect(2);
        folder.run(&["check"]).expect(2);
        assert_eq!(elsewhere.tree(""), Folder::empty().write("theirs", "theirs\n").tree(""), "{link}");
    }
}

#[test]
fn an_output_folder_that_is_a_file_is_refused() {
    let folder = Folder::minimal();
    folder.write("out", "a file\n");
    let run = folder.run(&["render"]).expect(2);
    assert!(run.stderr.contains("`out` is no folder"), "{}", run.stderr);
    assert_eq!(folder.read("out"), "a file\n");
}

#[test]
fn an_output_folder_that_cannot_be_written_is_refused() {
    let folder = Folder::minimal();
    // Nobody can make a folder there, root neither.
    let run = folder.run(&["render", "--out", "/proc/portalgen"]).expect(2);
    assert!(run.stderr.contains("cannot write `/proc/portalgen/"), "{}", run.stderr);
    assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused() {
    let folder = Folder::minimal();
    folder.write("out/demo/service.yaml/x", "x\n");
    folder.run(&["render"]).expect(2);
    assert_eq!(folder.tree("out").len(), 1, "nothing was written");
}

#[test]
fn nothing_temporary_is_left_behind() {
    let folder = rendered();
    assert!(folder.tree("").iter().all(|(path, _)| !path.contains(".portalgen-")));
}

/// A merge can leave the manifest in pieces, or somebody may have lost it: the files are ours all the same.
#[test]
fn a_broken_manifest_locks_nobody_out() {
    let folder = rendered();
    let manifest = folder.read("out/demo/manifest.json");
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\nmemory = \"1Gi\"");
    folder.write("out/demo/manifest.json", &format!("<<<<<<< HEAD\n{manifest}=======\n{manifest}>>>>>>> other\n"));
    let run = folder.run(&["check"]).expect(1);
    assert!(run.stdout.contains("edited by hand   out/demo/manifest.json"), "{}", run.stdout);
    folder.run(&["render"]).expect(0);
    folder.run(&["check"]).expect(0);

    folder.edit("envs/demo.toml", "1Gi", "2Gi").remove("out/demo/manifest.json");
    folder.run(&["render"]).expect(0);
    folder.run(&["check"]).expect(0);
}

/// The folder of an environment can go as a whole, or get another name.
#[test]
fn an_environments_folder_that_is_gone_leaves_orphans() {
    let folder = rendered();
    folder.write("others/other.toml", &folder.read("envs/demo.toml").replace("websocket", "websocket-free"));
    folder.edit("others/other.toml", "max_instances", "service = \"other\"\nmax_instances");
    folder.run(&["render", "others"]).expect(0);
    fs::remove_dir_all(folder.path().join("others")).unwrap();
    assert!(folder.run(&["check"]).expect(1).stdout.contains("orphaned         out/other/service.yaml"));
    folder.run(&["render"]).expect(0);
    assert!(!folder.path().join("out/other").exists() && !folder.path().join("out/image/websocket-free").exists());

    folder.write("envs/old.toml", &folder.read("envs/demo.toml")).run(&["render"]).expect(0);
    fs::rename(folder.path().join("envs"), folder.path().join("environments")).unwrap();
    folder.remove("environments/old.toml");
    assert!(folder.run(&["check", "environments"]).expect(1).stdout.contains("orphaned         out/old/service.yaml"));
    folder.run(&["render", "environments"]).expect(0);
    folder.run(&["check", "environments"]).expect(0);
}

#[test]
fn out_is_out_however_it_is_spelled() {
    let folder = rendered();
    assert_eq!(folder.run_in("envs", &["render", "demo.toml", "--out", "../out"]).expect(0).stderr, "");
    let note = folder.run(&["render", "--out", "elsewhere"]).expect(0).stderr;
    insta::assert_snapshot!("note_on_out", note);
}

#[test]
fn a_diff_sends_no_control_characters() {
    let folder = rendered();
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\n[variables]\nA = \"a\\u001B[31mred\\tb\"");
    let run = folder.run(&["render", "--diff"]).expect(0);
    assert!(run.stdout.contains("+A=a\\u{1b}[31mred\tb"), "{}", run.stdout);
}
